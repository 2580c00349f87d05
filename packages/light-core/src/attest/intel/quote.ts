/** Intel's quotes: SGX of version 3, TDX of versions 4 and 5 (Intel SGX and TDX DCAP Quoting Library API, appendix "Quote format"). */
import { equal, fromHex } from '@perigee/wire';
import { ByteReader } from '../byte-reader.ts';
import { type AttestCode, refuse } from '../code.ts';
import { ENCLAVE_REPORT_BYTES, type EnclaveReport, readEnclaveReport } from './enclave-report.ts';
import { readTdReport, TD_REPORT_BYTES, type TdReport } from './td-report.ts';

/** What the quote is about. */
export type Body =
  | { readonly platform: 'intel-tdx'; readonly td: TdReport }
  | { readonly platform: 'intel-sgx'; readonly enclave: EnclaveReport };

/** A quote that was read; nothing of it was verified. */
export interface Quote {
  readonly version: 3 | 4 | 5;
  readonly body: Body;
  /** Header and body: what the attestation key signs. */
  readonly signed: Uint8Array;
  /** r ‖ s. */
  readonly signature: Uint8Array;
  /** x ‖ y on P-256. */
  readonly attestationKey: Uint8Array;
  /** Of the quoting enclave, as the PCK key signed it. */
  readonly qeReportBytes: Uint8Array;
  readonly qeReport: EnclaveReport;
  /** r ‖ s. */
  readonly qeReportSignature: Uint8Array;
  /** Bound to the attestation key; any length. */
  readonly qeAuthData: Uint8Array;
  /** PEM. */
  readonly pckChain: Uint8Array;
  /** What stands behind the quote. Kernels pad to the size of their buffer with zeros; nothing covers it. */
  readonly trailing: Uint8Array;
}

const ECDSA_P256 = 2;
const TEE_SGX = 0;
const TEE_TDX = 0x81;
const HEADER_BYTES = 48;
const QE_VENDOR_AT = 12;
const QE_VENDOR_INTEL = fromHex('939a7233f79c4ca9940a0db3957f0607');
const CERTIFICATION = { pckChain: 5, qeReport: 6 } as const;
/** Body types of version 5 that say TDX 1.0 and 1.5. */
const BODY_TYPES: Readonly<Record<number, number>> = { 2: TD_REPORT_BYTES['1.0'], 3: TD_REPORT_BYTES['1.5'] };

/** Whether bytes that begin as a quote are of an enclave rather than of a trust domain. */
export function isEnclaveQuote(bytes: Uint8Array): boolean {
  return bytes[0] === 3;
}

/** @throws ATTESTATION (PARSE, VERSION, PLATFORM) */
export function readQuote(bytes: Uint8Array): Quote {
  const reader = new ByteReader(bytes, 'a quote');
  const version = reader.u16();
  if (version !== 3 && version !== 4 && version !== 5) throw unknown('VERSION', 'version', version);
  const [keyType, tee] = [reader.u16(), reader.u32()];
  if (keyType !== ECDSA_P256) throw unknown('VERSION', 'key type', keyType);
  if (tee !== (version === 3 ? TEE_SGX : TEE_TDX)) throw unknown('PLATFORM', 'TEE type', tee);
  reader.bytes(QE_VENDOR_AT - reader.at);
  if (!equal(reader.bytes(16), QE_VENDOR_INTEL)) throw refuse('PLATFORM', "the quoting enclave is not Intel's");
  reader.bytes(HEADER_BYTES - reader.at);
  const body = readBody(reader, version);
  const signed = bytes.subarray(0, reader.at);
  const data = reader.inner(reader.u32(), 'the signature data of a quote');
  const trailing = reader.bytes(reader.left);
  const [signature, attestationKey] = [data.bytes(64), data.bytes(64)];
  const inner = version === 3 ? data : certified(data, CERTIFICATION.qeReport);
  if (inner !== data) data.end();
  const qeReportBytes = inner.bytes(ENCLAVE_REPORT_BYTES);
  const qeReportSignature = inner.bytes(64);
  const qeAuthData = inner.bytes(inner.u16());
  const chain = certified(inner, CERTIFICATION.pckChain);
  inner.end();
  return {
    version,
    body,
    signed,
    signature,
    attestationKey,
    qeReportBytes,
    qeReport: readEnclaveReport(qeReportBytes),
    qeReportSignature,
    qeAuthData,
    pckChain: chain.bytes(chain.left),
    trailing,
  };
}

function readBody(reader: ByteReader, version: 3 | 4 | 5): Body {
  if (version === 3) return { platform: 'intel-sgx', enclave: readEnclaveReport(reader.bytes(ENCLAVE_REPORT_BYTES)) };
  if (version === 4) return { platform: 'intel-tdx', td: readTdReport(reader.bytes(TD_REPORT_BYTES['1.0'])) };
  const [type, length] = [reader.u16(), reader.u32()];
  if (BODY_TYPES[type] !== length) throw unknown('PLATFORM', 'body type', type);
  return { platform: 'intel-tdx', td: readTdReport(reader.bytes(length)) };
}

/** Certification data of the type that must stand here. */
function certified(reader: ByteReader, due: number): ByteReader {
  const type = reader.u16();
  if (type !== due) throw unknown('VERSION', 'certification type', type);
  return reader.inner(reader.u32(), 'the certification data of a quote');
}

function unknown(code: AttestCode, what: string, value: number): Error {
  return refuse(code, `${what} ${value} of a quote is not known here`);
}
