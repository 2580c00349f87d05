export type { GpuEvidence } from './evidence.ts';
export { type GpuCheck, type GpuClaims, type GpuPolicy, verifyGpu } from './verify.ts';
