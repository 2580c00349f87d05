import { toHex } from '@perigee/wire';
import type { Field } from '../report.ts';
import type { EnclaveReport } from './enclave-report.ts';
import type { Body, Quote } from './quote.ts';
import type { TcbVerdict } from './tcb-verdict.ts';
import type { TdReport } from './td-report.ts';

/** What a verified quote says. */
export type IntelClaims = Body & {
  readonly version: number;
  readonly tcb: TcbVerdict;
  /** `tcbEvaluationDataNumber` of the TCB information. */
  readonly tcbEvaluation: number;
  readonly fmspc: Uint8Array;
};

/** All fields of a quote that was read, to be shown. */
export function fieldsOf({ version, body, attestationKey, qeReport, qeAuthData, trailing }: Quote): readonly Field[] {
  return [
    { name: 'version', value: String(version) },
    ...reportFields('', body.platform === 'intel-tdx' ? body.td : body.enclave),
    { name: 'attestationKey', value: toHex(attestationKey) },
    ...reportFields('qe.', qeReport),
    { name: 'qe.authData', value: toHex(qeAuthData) },
    { name: 'trailingBytes', value: String(trailing.length) },
  ];
}

function reportFields(prefix: string, report: TdReport | EnclaveReport): Field[] {
  return Object.entries(report).flatMap(([name, value]: [string, Uint8Array | number | readonly Uint8Array[]]) =>
    value instanceof Uint8Array || typeof value === 'number'
      ? [{ name: `${prefix}${name}`, value: typeof value === 'number' ? String(value) : toHex(value) }]
      : [],
  );
}
