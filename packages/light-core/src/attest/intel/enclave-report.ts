/** What an SGX processor says of an enclave (Intel SDM Vol. 3D, "REPORT"): of an application's, and of the quoting enclave itself. */
import { ByteReader } from '../byte-reader.ts';

export const ENCLAVE_REPORT_BYTES = 384;

export interface EnclaveReport {
  readonly cpuSvn: Uint8Array;
  readonly miscSelect: Uint8Array;
  readonly attributes: Uint8Array;
  readonly mrEnclave: Uint8Array;
  readonly mrSigner: Uint8Array;
  readonly configId: Uint8Array;
  readonly isvProdId: number;
  readonly isvSvn: number;
  readonly configSvn: number;
  readonly reportData: Uint8Array;
  /** Bytes of the format that are for nothing, in one piece. */
  readonly reserved: readonly Uint8Array[];
}

/** @throws ATTESTATION (PARSE, TRAILING_BYTES) */
export function readEnclaveReport(bytes: Uint8Array): EnclaveReport {
  const reader = new ByteReader(bytes, 'an enclave report');
  const [cpuSvn, miscSelect, reserved1, isvExtProdId] = [reader.bytes(16), reader.bytes(4), reader.bytes(12), reader.bytes(16)];
  const [attributes, mrEnclave, reserved2, mrSigner] = [reader.bytes(16), reader.bytes(32), reader.bytes(32), reader.bytes(32)];
  const [reserved3, configId] = [reader.bytes(32), reader.bytes(64)];
  const [isvProdId, isvSvn, configSvn] = [reader.u16(), reader.u16(), reader.u16()];
  const [reserved4, , reportData] = [reader.bytes(42), reader.bytes(16), reader.bytes(64)];
  reader.end();
  return {
    cpuSvn,
    miscSelect,
    attributes,
    mrEnclave,
    mrSigner,
    configId,
    isvProdId,
    isvSvn,
    configSvn,
    reportData,
    reserved: [reserved1, isvExtProdId, reserved2, reserved3, reserved4],
  };
}
