import { equal, fromHex, toHex } from '@perigee/wire';
import { refuse, unchecked } from '../code.ts';
import type { EnclaveReport } from './enclave-report.ts';
import type { EnclaveMeasurements, IntelPolicy, TdMeasurements } from './policy.ts';
import type { TdReport } from './td-report.ts';

/**
 * The code is one that the policy names.
 *
 * @returns a sentence
 * @throws ATTESTATION (MEASUREMENT); `notChecked` (NOT_ASKED)
 */
export function checkTdMeasurements(td: TdReport, { trustDomains = [] }: IntelPolicy): string {
  if (trustDomains.length === 0)
    throw unchecked('NOT_ASKED', `no trust domains are named that MRTD ${toHex(td.mrTd)} could be one of`);
  const fits = (due: TdMeasurements): boolean =>
    (Object.keys(due) as (keyof TdMeasurements)[]).every((name) => isSame(td[name], due[name]));
  if (trustDomains.some(fits)) return 'firmware, kernel and command line are those of a trust domain that the policy names';
  throw refuse(
    'MEASUREMENT',
    `MRTD ${toHex(td.mrTd)} with its RTMRs is none of the ${trustDomains.length} trust domains that the policy names`,
  );
}

/** The same of an enclave. */
export function checkEnclaveMeasurements(enclave: EnclaveReport, { enclaves = [] }: IntelPolicy): string {
  if (enclaves.length === 0)
    throw unchecked('NOT_ASKED', `no enclaves are named that MRENCLAVE ${toHex(enclave.mrEnclave)} could be one of`);
  const fits = ({ mrEnclave, mrSigner, isvProdId, minIsvSvn, configId }: EnclaveMeasurements): boolean =>
    isSame(enclave.mrEnclave, mrEnclave) &&
    isSame(enclave.mrSigner, mrSigner) &&
    isSame(enclave.configId, configId) &&
    (isvProdId === undefined || enclave.isvProdId === isvProdId) &&
    enclave.isvSvn >= (minIsvSvn ?? 0);
  if (enclaves.some(fits)) return 'the enclave is one that the policy names';
  throw refuse(
    'MEASUREMENT',
    `MRENCLAVE ${toHex(enclave.mrEnclave)} is none of the ${enclaves.length} enclaves that the policy names`,
  );
}

/** What the code put into its report is what is due. */
export function checkReportData(reportData: Uint8Array, { reportData: due }: IntelPolicy): string {
  if (due === undefined) throw unchecked('NOT_ASKED', 'nothing is named that the report data must be');
  if (!isSame(reportData, due)) throw refuse('REPORT_DATA', `the report data is ${toHex(reportData)}, not what is due`);
  return 'the report data is what is due';
}

function isSame(bytes: Uint8Array, due: string | undefined): boolean {
  return due === undefined || equal(bytes, fromHex(due));
}
