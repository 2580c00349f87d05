import type { Pin } from '../pinned.ts';

/** Intel's root, valid to the end of 2049; every quote carries it, 659 bytes (https://certificates.trustedservices.intel.com/IntelSGXRootCA.cer). */
export const INTEL_ROOTS: readonly Pin[] = [
  { name: 'Intel SGX Root CA', sha256: '44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3' },
];
