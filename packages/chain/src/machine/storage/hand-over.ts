import { blobKey, STORE } from '@perigee/light-core/state';
import { BlobRecord, equal, PerigeeError, toHex } from '@perigee/wire';
import type { StateView } from '../../state/index.ts';

/** A blob that is handed over to who stores files, and by whom. */
export interface HandOver {
  readonly blobId: Uint8Array;
  readonly author: Uint8Array;
  /** Bytes of the file. */
  readonly length: number;
  readonly height: number;
}

/**
 * The record of a blob that its publisher may hand over. Nobody else may: what the chain cannot compare, the root of its data, is the publisher's word.
 *
 * @throws TX_MESSAGE
 */
export function recordToHandOver(view: StateView, { blobId, author, length, height }: HandOver): BlobRecord {
  const raw = view.get(STORE.da, blobKey(blobId));
  const record = raw && BlobRecord.decode(raw);
  const refuse = (why: string) => new PerigeeError('TX_MESSAGE', `blob ${toHex(blobId)} cannot be handed over: ${why}`);
  if (record === undefined) throw refuse('no such blob is recorded');
  if (!record.persist) throw refuse('its publisher did not ask for it (persist)');
  if (!equal(record.publisher, author)) throw refuse(`its publisher is ${toHex(record.publisher)}`);
  if (record.length !== length) throw refuse(`it has ${record.length} bytes, not ${length}`);
  if (record.expiryHeight < height) throw refuse(`nobody owes its rows any more since height ${record.expiryHeight}`);
  return record;
}

/** Names the file that a blob is stored as, in its record. */
export function writeHandedOver(view: StateView, record: BlobRecord, txSeq: number): void {
  view.set(STORE.da, blobKey(record.blobId), BlobRecord.encode({ ...record, storedAs: txSeq }));
}
