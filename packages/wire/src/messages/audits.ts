/** What an auditor keeps on its device from one run to the next. */
import { MAX_KNOWN_AUDITS, MAX_WAITING_AUDITS } from '../limits-compute.ts';
import { fixedBytes, type Infer, message, repeated, uint32, uint53 } from '../proto/index.ts';

export const AUDIT_BOOK_VERSION = 1;

/** How far the receipts that are laid out were gone through, and what was executed of them. */
export const AuditBook = message('AuditBook', {
  /** AUDIT_BOOK_VERSION. */
  version: [1, uint32()],
  /** Of the last listing whose blobs were drawn. */
  height: [2, uint53()],
  /** Ids of blobs that were drawn and not looked at yet. */
  waiting: [3, repeated(fixedBytes(33), MAX_WAITING_AUDITS)],
  /** `orderId ‖ u32be sequence` of receipts that were executed again, oldest first. */
  known: [4, repeated(fixedBytes(36), MAX_KNOWN_AUDITS)],
  /** Days since 1970, UTC, and what was used of that day: blobs, bytes that came, agreements that were reported. */
  day: [5, uint53()],
  blobs: [6, uint32()],
  bytes: [7, uint53()],
  agreements: [8, uint32()],
});
export type AuditBook = Infer<typeof AuditBook>;
