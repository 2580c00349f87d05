/** What an auditor keeps on its device from one run to the next. */
import { MAX_HELD_DEPOSITS, MAX_KNOWN_AUDITS, MAX_WAITING_AUDITS } from '../limits-compute.ts';
import { embedded, fixedBytes, type Infer, message, optional, repeated, uint32, uint53 } from '../proto/index.ts';
import { InferenceReceipt } from './inference.ts';

/** 2 has `begun`; a book of version 1 is read as one in which nothing was begun. */
export const AUDIT_BOOK_VERSION = 2;

/** A blob that is looked at: it is struck off when all that came of it is on disk. */
const BegunAudit = message('BegunAudit', {
  blobId: [1, fixedBytes(33)],
  /** How often it was begun: what ends the program each time is given up. */
  times: [2, uint32()],
});

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
  begun: [9, optional(embedded(BegunAudit))],
});
export type AuditBook = Infer<typeof AuditBook>;

export const AUDIT_DEPOSITS_VERSION = 1;

/** A report whose deposit is to be taken back: written before it is sent, so that it may never have come to the chain. */
const HeldDeposit = message('HeldDeposit', {
  /** That reported, and has the deposit back. */
  account: [1, fixedBytes(20)],
  /** Which the report is of: to take it back names it. */
  receipt: [2, embedded(InferenceReceipt)],
  /** Of the head when it was about to be sent. */
  height: [3, uint53()],
});
export type HeldDeposit = Infer<typeof HeldDeposit>;

/** Deposits of an auditor that come free later, the oldest first. */
export const AuditDeposits = message('AuditDeposits', {
  /** AUDIT_DEPOSITS_VERSION. */
  version: [1, uint32()],
  held: [2, repeated(embedded(HeldDeposit), MAX_HELD_DEPOSITS)],
});
export type AuditDeposits = Infer<typeof AuditDeposits>;
