import { SIGNATURES_AT_ONCE } from '@perigee/wire';
import type { VerifyEd25519 } from './verify.ts';

export interface SignedMessage {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Checks signatures, some at once so that a verifier with threads of its own can use them, and stops after the first group with a false one.
 *
 * @returns position of the first false signature, `undefined` when all are right
 */
export async function firstInvalid(verify: VerifyEd25519, signed: readonly SignedMessage[]): Promise<number | undefined> {
  for (let start = 0; start < signed.length; start += SIGNATURES_AT_ONCE) {
    const group = signed.slice(start, start + SIGNATURES_AT_ONCE);
    const verdicts = await Promise.all(group.map((one) => verify(one.publicKey, one.message, one.signature)));
    const bad = verdicts.indexOf(false);
    if (bad >= 0) return start + bad;
  }
  return undefined;
}
