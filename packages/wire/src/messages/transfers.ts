/** What clients of stored files keep on their own device while something is under way (docs/storage.md). */
import { MAX_TX_BYTES } from '../limits.ts';
import { MAX_SEALED_START_BYTES } from '../limits-transfers.ts';
import { bytes, fixedBytes, type Infer, message, uint32, uint53 } from '../proto/index.ts';

export const PART_VERSION = 1;

/** Header of the notes beside a partial file: whose segments they are of. */
export const PartHeader = message('PartHeader', {
  version: [1, uint32()],
  /** Data root. */
  root: [2, fixedBytes(32)],
  /** Of the file, bytes. */
  length: [3, uint53()],
});
export type PartHeader = Infer<typeof PartHeader>;

export const PENDING_PAYMENT_VERSION = 1;

/** A transaction that pays for files, kept before it is sent and until the chain has it or never will. */
export const PendingPayment = message('PendingPayment', {
  version: [1, uint32()],
  /** Canonical bytes of the transaction. */
  raw: [2, bytes(MAX_TX_BYTES)],
});
export type PendingPayment = Infer<typeof PendingPayment>;

export const SEALING_VERSION = 1;

/** How a file is encrypted that is being stored: gone on with, it must be the same bytes. */
export const Sealing = message('Sealing', {
  version: [1, uint32()],
  /** What the stored file begins with. */
  header: [2, bytes(MAX_SEALED_START_BYTES)],
  /** Of this file alone, 32 bytes. */
  key: [3, fixedBytes(32)],
});
export type Sealing = Infer<typeof Sealing>;
