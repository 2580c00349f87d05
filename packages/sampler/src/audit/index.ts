/** Executing signed answers again, and saying on chain what came of it: for a page and its own receipts, and for whoever looks at those of others. */
export { type AuditSays, AuditWatch, type AuditWatchView, type LaidOutFinding } from './audit-watch.ts';
export type { AuditFinding, AuditOutcome } from './auditor.ts';
export { Auditor, type AuditorOptions } from './auditor.ts';
export { type CollectedDeposit, DepositBook, type DepositsBack } from './deposit-book.ts';
export { isDrawn } from './draw.ts';
export { type ReportAgainst, reportsAgainst } from './reports-against.ts';
export { wholeBlob } from './whole-blob.ts';
