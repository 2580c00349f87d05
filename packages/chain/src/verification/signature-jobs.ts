import { nobleEd25519 } from '@perigee/light-core/signature';
import { isCertainNo, type NativeEd25519 } from './native.ts';
import { type Claim, SharedClaims } from './shared-claims.ts';

/** The verdict of ZIP-215: a native yes is one, and a native no is noble's to judge (PROTOCOL §7), unless it can be no other. */
export function judge(native: NativeEd25519, { publicKey, message, signature }: Claim): boolean | Promise<boolean> {
  if (native.verify(publicKey, message, signature)) return true;
  return isCertainNo(native, publicKey, signature) ? false : nobleEd25519(publicKey, message, signature);
}

/** What a thread does that checks signatures. */
export function createSignatureJobs(native: NativeEd25519) {
  return {
    /** Takes claims and judges them, until no more come. @param memory of `SharedClaims` */
    async verify(memory: SharedArrayBuffer): Promise<void> {
      const claims = new SharedClaims(memory);
      for (let claim = claims.takeOrWait(); claim !== undefined; claim = claims.takeOrWait()) {
        const verdict = judge(native, claims.claimAt(claim));
        claims.setVerdict(claim, typeof verdict === 'boolean' ? verdict : await verdict);
      }
    },
  };
}

export type SignatureJobs = ReturnType<typeof createSignatureJobs>;
