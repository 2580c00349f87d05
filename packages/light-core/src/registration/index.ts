export { checkMeans, leftAt } from './allowance.ts';
export { type CheckedEvidence, checkRegistrationEvidence, type EvidenceContext, isFaultOfBytes } from './check-evidence.ts';
export { evidenceIdOf } from './evidence-id.ts';
export { encodeGrounds, type GroundsToVerify, readGrounds } from './grounds.ts';
export * from './keys.ts';
export {
  isCurrent,
  registrationOf,
  reportDataOfRegistration,
  verifyRegistration,
  verifyRegistrationCount,
  verifyRegistrationPlace,
} from './proofs.ts';
export { type BoundKeys, possessionSignBytes, reportDataOf } from './report-data.ts';
export { falseReportsOf, reportSumsOf } from './reports.ts';
