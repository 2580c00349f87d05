import type { RandomBytes } from '@perigee/light-core/roles';

/** `getRandomValues` gives at most this many bytes a call (Web Cryptography API §10.1.1). */
const MAX_CALL_BYTES = 65_536;

/** Bytes from the CSPRNG of the platform. */
export const cryptoRandomBytes: RandomBytes = (length) => {
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += MAX_CALL_BYTES) crypto.getRandomValues(out.subarray(at, at + MAX_CALL_BYTES));
  return out;
};
