import { toHex } from '@perigee/wire';
import { refuse, unchecked } from '../code.ts';
import type { IntelPolicy, TdMeasurements } from './policy.ts';
import type { TdReport } from './td-report.ts';

/** What code is known by: firmware, kernel, command line and first file system. */
const CODE = ['mrTd', 'rtmr1', 'rtmr2'] as const;

/**
 * The code is one that the policy names.
 *
 * @returns a sentence
 * @throws ATTESTATION (MEASUREMENT); `notChecked` (NOT_ASKED)
 */
export function checkTdMeasurements(td: TdReport, { trustDomains = [] }: IntelPolicy): string {
  const fits = (due: TdMeasurements): boolean =>
    CODE.every((name) => due[name] !== undefined) &&
    (Object.keys(due) as (keyof TdMeasurements)[]).every((name) => isSame(td[name], due[name]));
  return oneOf(trustDomains, fits, `the trust domain with MRTD ${toHex(td.mrTd)}`);
}

/** What the code put into its report is what is due. */
export function checkReportData(reportData: Uint8Array, { reportData: due }: IntelPolicy): string {
  if (due === undefined) throw unchecked('NOT_ASKED', 'nothing is named that the report data must be');
  if (!isSame(reportData, due)) throw refuse('REPORT_DATA', `the report data is ${toHex(reportData)}`);
  return 'the report data is what is due';
}

/**
 * @param fits whether the code is one that the policy names
 * @returns a sentence
 * @throws ATTESTATION (MEASUREMENT); `notChecked` (NOT_ASKED)
 */
export function oneOf<T>(named: readonly T[], fits: (one: T) => boolean, what: string): string {
  if (named.length === 0) throw unchecked('NOT_ASKED', `the policy names none that ${what} could be`);
  if (!named.some(fits)) throw refuse('MEASUREMENT', `${what} is none that the policy names`);
  return `${what} is one that the policy names`;
}

/** @param due hexadecimal */
export function isSame(bytes: Uint8Array | undefined, due: string | undefined): boolean {
  return due === undefined || (bytes !== undefined && toHex(bytes) === due.toLowerCase());
}
