import { refuse } from '../code.ts';
import { readDer, sequence } from '../der.ts';
import { octetsOf, oidOf } from '../der-values.ts';
import type { Certificate } from '../x509.ts';

/** What the chip says of the firmware that it made the key for (RIoT composite device id, under TCG's identifier). */
export const FIRMWARE_ID_EXTENSION = '2.23.133.5.4.1';
export const SHA384_ID = '2.16.840.1.101.3.4.2.2';

/**
 * Digest of the firmware in the certificate of a GPU's key: `{version, device key, {SHA-384, digest}}`.
 *
 * @returns 48 bytes
 * @throws refusal CERTIFICATE and what reading DER throws
 */
export function firmwareIdOf({ extensions }: Certificate): Uint8Array {
  const bytes = extensions.get(FIRMWARE_ID_EXTENSION);
  if (bytes === undefined) throw refuse('CERTIFICATE', "The certificate of the GPU's key names no firmware.");
  const [, , id, ...more] = sequence(readDer(bytes));
  const [algorithm, digest] = sequence(id);
  if (more.length > 0 || oidOf(algorithm) !== SHA384_ID)
    throw refuse('CERTIFICATE', "The certificate of the GPU's key names its firmware in an unknown way.");
  return octetsOf(digest);
}
