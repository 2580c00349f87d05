import { type VerifiedChain, verifyChain } from '../chain.ts';
import type { Context } from '../context.ts';
import { readPem } from '../pem.ts';
import { rootsFor } from '../pinned.ts';
import { INTEL_ROOTS } from './root.ts';

/**
 * @param pem of leaf, issuers and root
 * @param length certificates that Intel's format has here
 * @throws what `readPem` and `verifyChain` throw
 */
export async function verifyIntelChain(pem: Uint8Array, length: number, context: Context<unknown>): Promise<VerifiedChain> {
  const certificates = readPem(pem);
  const roots = await rootsFor(context.roots, 'intel', INTEL_ROOTS, certificates.at(-1), context.crypto);
  return verifyChain(certificates, { crypto: context.crypto, time: context.time, roots, length });
}
