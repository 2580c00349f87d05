export type { SnpPolicy } from './policy.ts';
export type { SnpProduct } from './product.ts';
export type { SnpReport } from './report.ts';
export { subjectOfReport } from './subject.ts';
export type { SnpTcb } from './tcb.ts';
export { type SnpCheck, type SnpClaims, verifySnp } from './verify.ts';
export { verifyAmdBundle } from './verify-bundle.ts';
