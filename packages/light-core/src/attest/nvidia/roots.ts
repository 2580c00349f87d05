import type { Pin } from '../pinned.ts';

/** NVIDIA ships both with its verifier (`nvtrust`, `verifier/certs`). */
export const GPU_ROOTS: readonly Pin[] = [
  { name: 'NVIDIA Device Identity CA', sha256: '102bf659d5419614c9d8e6aecebc80454eb26b1df6a769ac720b9a690b167b48' },
];

/** Signs reference values of drivers and VBIOS versions. */
export const RIM_ROOTS: readonly Pin[] = [
  { name: 'NVIDIA CoRIM signing Root CA', sha256: '12977b5115acb0381179279fffeb5a8c4d264971ebb32298023a465fa41df5d1' },
];
