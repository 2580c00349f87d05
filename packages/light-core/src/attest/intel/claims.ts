import { toHex } from '@perigee/wire';
import type { Field } from '../report.ts';
import type { EnclaveReport } from './enclave-report.ts';
import type { Quote } from './quote.ts';
import type { TcbVerdict } from './tcb-verdict.ts';
import type { TdReport } from './td-report.ts';

interface Common {
  readonly version: number;
  readonly tcb: TcbVerdict;
  /** `tcbEvaluationDataNumber` of the TCB information. */
  readonly tcbEvaluation: number;
  readonly fmspc: Uint8Array;
}

/** What a verified TDX quote says. */
export interface TdxClaims extends Common {
  readonly platform: 'intel-tdx';
  readonly td: TdReport;
}

/** What a verified SGX quote says. */
export interface SgxClaims extends Common {
  readonly platform: 'intel-sgx';
  readonly enclave: EnclaveReport;
}

export type IntelClaims = TdxClaims | SgxClaims;

/** All fields of a quote that was read, to be shown. */
export function fieldsOf({ version, body, attestationKey, qeReport, qeAuthData, trailing }: Quote): readonly Field[] {
  return [
    { name: 'version', value: String(version) },
    ...reportFields('', body.report),
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
