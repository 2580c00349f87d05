/** Whose evidence bytes are, as far as their first bytes tell. Small, because it is loaded before any platform's code is. */

const QUOTE_HEADER_BYTES = 48;
const ECDSA_P256 = 2;

/** A version from 3 to 5 and the kind of attestation key, each of 16 bits. */
export function isIntelQuote(bytes: Uint8Array): boolean {
  const [version = 0, high, key, keyHigh] = bytes;
  return bytes.length >= QUOTE_HEADER_BYTES && version >= 3 && version <= 5 && high === 0 && key === ECDSA_P256 && keyHigh === 0;
}
