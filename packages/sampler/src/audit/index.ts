/** Executing signed answers again, and saying on chain what came of it: for a page and its own receipts, and for whoever looks at those of others. */
export type { AuditFinding, AuditOutcome } from './auditor.ts';
export { Auditor, type AuditorOptions } from './auditor.ts';
export { isDrawn } from './draw.ts';
