import { nobleEd25519 } from '@perigee/light-core/signature';
import { type Claim, unpackClaims } from './batch.ts';
import type { FastEd25519 } from './native.ts';

/** The verdict of ZIP-215: a native yes is one, and a native no is noble's to judge (PROTOCOL §7). */
export async function judge(fast: FastEd25519, { publicKey, message, signature }: Claim): Promise<boolean> {
  return fast(publicKey, message, signature) || nobleEd25519(publicKey, message, signature);
}

/** What a thread does that checks signatures. */
export function createSignatureJobs(fast: FastEd25519) {
  return {
    /** @param packed claims @returns 1 for each that holds, 0 for each that does not */
    async verify(packed: Uint8Array): Promise<Uint8Array> {
      const verdicts = await Promise.all(unpackClaims(packed).map((claim) => judge(fast, claim)));
      return Uint8Array.from(verdicts, Number);
    },
  };
}

export type SignatureJobs = ReturnType<typeof createSignatureJobs>;
