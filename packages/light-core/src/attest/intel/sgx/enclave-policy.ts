import { refuse } from '../../code.ts';
import type { EnclaveReport } from '../enclave-report.ts';
import { isZero } from '../masked.ts';
import { ENCLAVE_DEBUG } from '../qe-identity.ts';

/** INIT and MODE64BIT; PROVISION_KEY, EINITTOKEN_KEY, CET, KSS and AEX-notify may be set too (Intel SDM Vol. 3D, "ATTRIBUTES"). */
const INIT = 0x01;
const DEFINED = 0x01 | ENCLAVE_DEBUG | 0x04 | 0x10 | 0x20 | 0x40 | 0x80;
/** AEX-notify, of the second byte. */
const DEFINED_SECOND = 0x04;

/**
 * @returns a sentence
 * @throws ATTESTATION (DEBUG, RESERVED, ATTRIBUTES)
 */
export function checkEnclave({ attributes, reserved }: EnclaveReport): string {
  const [first = 0, second = 0] = attributes;
  if ((first & ENCLAVE_DEBUG) !== 0) throw refuse('DEBUG', 'the enclave runs in debug mode, so its host reads its memory');
  if ((first & ~DEFINED) !== 0 || (second & ~DEFINED_SECOND) !== 0 || !isZero(attributes.subarray(2, 8))) {
    throw refuse('RESERVED', 'the enclave has attributes that are not defined');
  }
  if (!reserved.every(isZero)) throw refuse('RESERVED', 'the enclave report has bytes that are for nothing, and not zero');
  if ((first & INIT) === 0) throw refuse('ATTRIBUTES', 'the enclave is not initialised');
  return 'the enclave is closed to its host';
}
