import { sha256 } from '@noble/hashes/sha2.js';
import { concat, u16le, u32le, utf8 } from '@perigee/wire';
import { applied } from '../authority.ts';
import { type Change, pemOf } from '../certificate.ts';
import { layout } from '../layout.ts';
import { seeded } from '../seed.ts';
import type { CurveKey } from '../signing-key.ts';
import type { IntelPki } from './pki.ts';
import { TEE_TCB_SVN } from './tcb-info.ts';

/** The vendor of Intel's quoting enclaves. */
const INTEL_QE = Uint8Array.of(0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07);
const ECDSA_P256 = 2;
const TEE_SGX = 0;
const TEE_TDX = 0x81;
const PCK_CHAIN = 5;
const QE_REPORT = 6;

/** Header of a quote, 48 bytes ("Intel TDX DCAP Quoting Library API", appendix 3). */
export interface QuoteHeader {
  readonly version: number;
  readonly attestationKeyType: number;
  readonly teeType: number;
  readonly qeVendor: Uint8Array;
  /** 20 bytes. */
  readonly userData: Uint8Array;
}

/** What a TDX module says of a domain. Widths in bytes are those of the fields. */
export interface TdReport {
  /** 16 */
  readonly teeTcbSvn: Uint8Array;
  /** 48, as all measurements */
  readonly mrSeam: Uint8Array;
  readonly mrSignerSeam: Uint8Array;
  /** 8, as the two that follow */
  readonly seamAttributes: Uint8Array;
  readonly tdAttributes: Uint8Array;
  readonly xfam: Uint8Array;
  readonly mrTd: Uint8Array;
  readonly mrConfigId: Uint8Array;
  readonly mrOwner: Uint8Array;
  readonly mrOwnerConfig: Uint8Array;
  /** Four registers. */
  readonly rtmr: readonly Uint8Array[];
  /** 64 */
  readonly reportData: Uint8Array;
  /** TDX 1.5 only. */
  readonly teeTcbSvn2: Uint8Array;
  readonly mrServiceTd: Uint8Array;
}

/** What a processor says of an enclave. */
export interface EnclaveReport {
  /** 16 */
  readonly cpuSvn: Uint8Array;
  readonly miscSelect: number;
  /** 16 */
  readonly attributes: Uint8Array;
  /** 32 */
  readonly mrEnclave: Uint8Array;
  readonly mrSigner: Uint8Array;
  readonly isvProdId: number;
  readonly isvSvn: number;
  /** 64 */
  readonly reportData: Uint8Array;
}

/** What stands behind the signed part. */
export interface QuoteSignature {
  readonly attestationKey: CurveKey;
  readonly qeReport: EnclaveReport;
  readonly qeReportSigner: CurveKey;
  /** Of any length. */
  readonly authData: Uint8Array;
  readonly certificationType: number;
  readonly certificationData: Uint8Array;
}

/** Changes of a quote, each before its signature. */
export interface QuoteChanges {
  readonly header?: Change<QuoteHeader>;
  readonly td?: Change<TdReport>;
  readonly enclave?: Change<EnclaveReport>;
  readonly signature?: Change<QuoteSignature>;
}

export type TdxForm = 'v4' | 'v5 1.0' | 'v5 1.5';

/** A quote of a TDX domain, signed as a processor would. */
export function tdxQuote(
  seed: Uint8Array,
  pki: IntelPki,
  form: TdxForm,
  reportData: Uint8Array,
  changes: QuoteChanges = {},
): Uint8Array {
  const report = applied(changes.td, tdReportOf(seed, reportData));
  const isNew = form === 'v5 1.5';
  const body = writeTdReport(report, isNew);
  const frame = form === 'v4' ? body : concat(u16le(isNew ? 3 : 2), u32le(body.length), body);
  const header = applied(changes.header, headerOf(form === 'v4' ? 4 : 5, TEE_TDX));
  const signed = concat(writeHeader(header), frame);
  const signature = applied(changes.signature, signatureOf(seed, pki, 2));
  const inner = qeReportPart(signature);
  const rest = concat(
    signature.attestationKey.signCompact(signed),
    signature.attestationKey.publicKey.subarray(1),
    u16le(QE_REPORT),
    u32le(inner.length),
    inner,
  );
  return concat(signed, u32le(rest.length), rest);
}

/** A quote of an SGX enclave, version 3. */
export function sgxQuote(seed: Uint8Array, pki: IntelPki, reportData: Uint8Array, changes: QuoteChanges = {}): Uint8Array {
  const report = applied(changes.enclave, {
    cpuSvn: pki.platform.cpuSvn,
    miscSelect: 0,
    attributes: ENCLAVE_ATTRIBUTES,
    mrEnclave: seeded(seed, 'sgx/mrenclave', 32),
    mrSigner: seeded(seed, 'sgx/mrsigner', 32),
    isvProdId: 7,
    isvSvn: 3,
    reportData,
  });
  const header = applied(changes.header, headerOf(3, TEE_SGX));
  const signed = concat(writeHeader(header), writeEnclaveReport(report));
  const signature = applied(changes.signature, signatureOf(seed, pki, 1));
  const rest = concat(
    signature.attestationKey.signCompact(signed),
    signature.attestationKey.publicKey.subarray(1),
    qeReportPart(signature),
  );
  return concat(signed, u32le(rest.length), rest);
}

function headerOf(version: number, teeType: number): QuoteHeader {
  return { version, attestationKeyType: ECDSA_P256, teeType, qeVendor: INTEL_QE, userData: new Uint8Array(20) };
}

function writeHeader({ version, attestationKeyType, teeType, qeVendor, userData }: QuoteHeader): Uint8Array {
  return layout(48, {
    0: u16le(version),
    2: u16le(attestationKeyType),
    4: u32le(teeType),
    12: qeVendor,
    28: userData,
  });
}

/** A production domain: no debugging, and exceptions of the secure page tables off (SEPT_VE_DISABLE). */
function tdReportOf(seed: Uint8Array, reportData: Uint8Array): TdReport {
  const measured = (name: string): Uint8Array => seeded(seed, `tdx/${name}`, 48);
  return {
    teeTcbSvn: TEE_TCB_SVN,
    mrSeam: measured('mrseam'),
    mrSignerSeam: new Uint8Array(48),
    seamAttributes: new Uint8Array(8),
    tdAttributes: Uint8Array.of(0, 0, 0, 0x10, 0, 0, 0, 0),
    xfam: Uint8Array.of(0xe7, 0x02, 0x06, 0, 0, 0, 0, 0),
    mrTd: measured('mrtd'),
    mrConfigId: new Uint8Array(48),
    mrOwner: new Uint8Array(48),
    mrOwnerConfig: new Uint8Array(48),
    rtmr: [0, 1, 2, 3].map((i) => measured(`rtmr${i}`)),
    reportData,
    teeTcbSvn2: TEE_TCB_SVN,
    mrServiceTd: new Uint8Array(48),
  };
}

function writeTdReport(report: TdReport, isNew: boolean): Uint8Array {
  const [rtmr0, rtmr1, rtmr2, rtmr3] = report.rtmr;
  return layout(isNew ? 648 : 584, {
    0: report.teeTcbSvn,
    16: report.mrSeam,
    64: report.mrSignerSeam,
    112: report.seamAttributes,
    120: report.tdAttributes,
    128: report.xfam,
    136: report.mrTd,
    184: report.mrConfigId,
    232: report.mrOwner,
    280: report.mrOwnerConfig,
    328: rtmr0,
    376: rtmr1,
    424: rtmr2,
    472: rtmr3,
    520: report.reportData,
    ...(isNew ? { 584: report.teeTcbSvn2, 600: report.mrServiceTd } : {}),
  });
}

/** INIT and MODE64BIT; x87 and SSE. */
const ENCLAVE_ATTRIBUTES = layout(16, { 0: Uint8Array.of(0x05), 8: Uint8Array.of(0xe7) });
/** INIT and PROVISION_KEY, as the quoting enclave's identity asks. */
const QE_ATTRIBUTES = layout(16, { 0: Uint8Array.of(0x15), 8: Uint8Array.of(0xe7) });

function signatureOf(seed: Uint8Array, pki: IntelPki, isvProdId: number): QuoteSignature {
  const { attestation, pck } = pki.keys;
  const authData = seeded(seed, 'intel/auth-data', 32);
  return {
    attestationKey: attestation,
    qeReport: {
      cpuSvn: pki.platform.cpuSvn,
      miscSelect: 0,
      attributes: QE_ATTRIBUTES,
      mrEnclave: seeded(seed, 'intel/qe', 32),
      mrSigner: pki.qeSigner,
      isvProdId,
      isvSvn: 8,
      reportData: attestationBinding(attestation, authData),
    },
    qeReportSigner: pck,
    authData,
    certificationType: PCK_CHAIN,
    certificationData: utf8(pemOf(pki.pck, pki.platformCa, pki.root)),
  };
}

/** What the quoting enclave's report holds: SHA-256 of key and authentication data, and 32 zeros. */
export function attestationBinding(key: CurveKey, authData: Uint8Array): Uint8Array {
  return concat(sha256(concat(key.publicKey.subarray(1), authData)), new Uint8Array(32));
}

function qeReportPart(signature: QuoteSignature): Uint8Array {
  const report = writeEnclaveReport(signature.qeReport);
  return concat(
    report,
    signature.qeReportSigner.signCompact(report),
    u16le(signature.authData.length),
    signature.authData,
    u16le(signature.certificationType),
    u32le(signature.certificationData.length),
    signature.certificationData,
  );
}

function writeEnclaveReport(report: EnclaveReport): Uint8Array {
  return layout(384, {
    0: report.cpuSvn,
    16: u32le(report.miscSelect),
    48: report.attributes,
    64: report.mrEnclave,
    128: report.mrSigner,
    256: u16le(report.isvProdId),
    258: u16le(report.isvSvn),
    320: report.reportData,
  });
}
