export type { IntelCheckName } from './checks.ts';
export type { IntelClaims } from './claims.ts';
export type { EnclaveMeasurements, IntelPolicy, TdMeasurements } from './policy.ts';
export { subjectOfQuote } from './subject.ts';
export type { TcbStatus } from './tcb-status.ts';
export { verifyIntel } from './verify.ts';
export { verifyIntelBundle } from './verify-bundle.ts';
