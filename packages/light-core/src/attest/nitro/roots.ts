import type { Pin } from '../pinned.ts';

/** AWS publishes the fingerprint with its documentation, "Verifying the root of trust". Valid to 2049. */
export const NITRO_ROOTS: readonly Pin[] = [
  { name: 'AWS Nitro Enclaves Root G1', sha256: '641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b' },
];
