/** What pages say to the relay that introduces them, and to each other (docs/decisions.md). */
import { MAX_HELD_BITMAP_BYTES, MAX_PAGES_NAMED, MAX_RECEIPTS_SENT } from '../limits-pages.ts';
import {
  bytesView,
  embedded,
  fixedBytes,
  type Infer,
  message,
  optional,
  repeated,
  string,
  uint32,
  uint53,
} from '../proto/index.ts';

/** Asks a relay who else is there. Who asks has a reservation, and is named to others from then on. */
export const PagesRequest = message('PagesRequest', { version: [1, uint32()] });
export type PagesRequest = Infer<typeof PagesRequest>;

/** Longest peer id as text. */
const MAX_PEER_ID_BYTES = 64;

/** Peer ids without addresses: a page is dialled by way of the relay that named it, and nowhere else. */
export const PagesAnswer = message('PagesAnswer', {
  peerIds: [1, repeated(string(MAX_PEER_ID_BYTES), MAX_PAGES_NAMED)],
});
export type PagesAnswer = Infer<typeof PagesAnswer>;

/**
 * What a light node says that it has sampled: signed with the key that is its peer id, over
 * `'perigee/sample/receipt/v0' ‖ canonical ReceiptBody`. Keys are free, so any number of receipts proves nothing.
 */
export const ReceiptBody = message('ReceiptBody', {
  /** RECEIPT_VERSION. */
  version: [1, uint32()],
  genesisHash: [2, fixedBytes(32)],
  blobId: [3, fixedBytes(33)],
  /** Ed25519 key of the light node. */
  key: [4, fixedBytes(32)],
  /** Rows that were drawn, and those of them that were verified. */
  drawn: [5, uint32(65_535)],
  verified: [6, uint32(65_535)],
  /** When sampling ended, milliseconds since 1970. */
  at: [7, uint53()],
});
export type ReceiptBody = Infer<typeof ReceiptBody>;

export const SampleReceipt = message('SampleReceipt', {
  body: [1, embedded(ReceiptBody)],
  signature: [2, fixedBytes(64)],
});
export type SampleReceipt = Infer<typeof SampleReceipt>;

/** From page to page: which rows of a blob the other has, or receipts for it. Neither is a greeting. */
export const PageRequest = message('PageRequest', {
  have: [1, optional(fixedBytes(33))],
  receipts: [2, repeated(embedded(SampleReceipt), MAX_RECEIPTS_SENT)],
});
export type PageRequest = Infer<typeof PageRequest>;

export const PageAnswer = message('PageAnswer', {
  /** Bit i mod 8 of byte i div 8: row i of the blob. A hint, as everything that a peer says. */
  held: [1, bytesView(MAX_HELD_BITMAP_BYTES)],
});
export type PageAnswer = Infer<typeof PageAnswer>;
