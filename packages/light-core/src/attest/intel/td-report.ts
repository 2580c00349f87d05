/** What a TDX module says of a trust domain (Intel TDX DCAP Quoting Library API, "TD Quote Body"). */
import { ByteReader } from '../byte-reader.ts';

/** A TD report body, 584 bytes in TDX 1.0 and 648 in TDX 1.5; all fields little-endian bytes as they stand. */
export interface TdReport {
  /** SVNs of the TDX module, its loader and more; byte 1 is the module's major version from TDX 1.5 modules on. */
  readonly teeTcbSvn: Uint8Array;
  readonly mrSeam: Uint8Array;
  readonly mrSignerSeam: Uint8Array;
  readonly seamAttributes: Uint8Array;
  readonly tdAttributes: Uint8Array;
  readonly xfam: Uint8Array;
  readonly mrTd: Uint8Array;
  readonly mrConfigId: Uint8Array;
  readonly mrOwner: Uint8Array;
  readonly mrOwnerConfig: Uint8Array;
  readonly rtmr0: Uint8Array;
  readonly rtmr1: Uint8Array;
  readonly rtmr2: Uint8Array;
  readonly rtmr3: Uint8Array;
  readonly reportData: Uint8Array;
  /** TDX 1.5 only. */
  readonly teeTcbSvn2?: Uint8Array;
  readonly mrServiceTd?: Uint8Array;
}

export const TD_REPORT_BYTES = { '1.0': 584, '1.5': 648 } as const;

/** Bytes of each field, in their order. */
const FIELDS = {
  teeTcbSvn: 16,
  mrSeam: 48,
  mrSignerSeam: 48,
  seamAttributes: 8,
  tdAttributes: 8,
  xfam: 8,
  mrTd: 48,
  mrConfigId: 48,
  mrOwner: 48,
  mrOwnerConfig: 48,
  rtmr0: 48,
  rtmr1: 48,
  rtmr2: 48,
  rtmr3: 48,
  reportData: 64,
} as const satisfies Partial<Record<keyof TdReport, number>>;
const LATER_FIELDS = { teeTcbSvn2: 16, mrServiceTd: 48 } as const satisfies Partial<Record<keyof TdReport, number>>;

/** @throws ATTESTATION (PARSE, TRAILING_BYTES) */
export function readTdReport(bytes: Uint8Array): TdReport {
  const reader = new ByteReader(bytes, 'a TD report');
  const report = reader.fields(FIELDS);
  const later = bytes.length > TD_REPORT_BYTES['1.0'] ? reader.fields(LATER_FIELDS) : {};
  reader.end();
  return { ...report, ...later };
}
