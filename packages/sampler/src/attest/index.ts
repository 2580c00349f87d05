export type { AttestFinding } from './attest-jobs.ts';
export { type AttestOptions, Attestor, type AttestorOptions, type AttestRequest } from './attestor.ts';
