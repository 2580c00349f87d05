/** Whose evidence bytes are, as far as their first bytes tell. Small, because it is loaded before any platform's code is. */

const QUOTE_HEADER_BYTES = 48;
const ECDSA_P256 = 2;

/** A version from 3 to 5 and the kind of attestation key, each of 16 bits. */
export function isIntelQuote(bytes: Uint8Array): boolean {
  const [version = 0, high, key, keyHigh] = bytes;
  return bytes.length >= QUOTE_HEADER_BYTES && version >= 3 && version <= 5 && high === 0 && key === ECDSA_P256 && keyHigh === 0;
}

const SNP_REPORT_BYTES = 1_184;

/** A version from 2 to 5 in 32 bits, and room for a report. */
export function isSnpReport(bytes: Uint8Array): boolean {
  const [version = 0, ...high] = bytes.subarray(0, 4);
  return bytes.length >= SNP_REPORT_BYTES && version >= 2 && version <= 5 && high.every((byte) => byte === 0);
}

/** SPDM 1.1, GET_MEASUREMENTS. */
export function isGpuEvidence(bytes: Uint8Array): boolean {
  return bytes[0] === 0x11 && bytes[1] === 0xe0;
}

/** COSE_Sign1: an array of four of which the first is a byte string, with or without its tag. */
export function isNitroDocument(bytes: Uint8Array): boolean {
  const at = bytes[0] === 0xd2 ? 1 : 0;
  return bytes[at] === 0x84 && (bytes[at + 1] ?? 0) >> 5 === 2;
}
