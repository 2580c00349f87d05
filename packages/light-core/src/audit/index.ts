export { auditRateFor, auditsFor, detectionOf } from './rate.ts';
export { type AuditDifference, notAuditable, type Reexecuted, reexecute } from './reexecute.ts';
export { reportOf } from './report.ts';
