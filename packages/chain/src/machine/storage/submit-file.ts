import { fileRootKey, plainFileKey, STORAGE_POOL, STORE, storedFileKey } from '@perigee/light-core/state';
import {
  appendToFlow,
  blobIdOfTags,
  checkSubmission,
  dataRootOf,
  flowRootOf,
  nobleFileHash,
  sectorsOf,
} from '@perigee/light-core/storage';
import {
  equal,
  PerigeeError,
  type StorageParams,
  type StorageSubmit,
  StoredFile,
  type SubmitResult,
  toHex,
  u64be,
} from '@perigee/wire';
import type { Event } from '../../application/index.ts';
import type { StateReader, StateView } from '../../state/index.ts';
import { moveTokens } from '../accounts.ts';
import { readFlow, writeFlow } from './flow-record.ts';
import { recordToHandOver, writeHandedOver } from './hand-over.ts';

/** Event of a file that got its place; attribute `root` is its data root in hexadecimal, `txSeq` its number. */
export const FILE_EVENT = 'file';

/** What a submission needs of the block that it is in. */
export interface SubmitContext {
  readonly storage: StorageParams | undefined;
  readonly height: number;
}

export interface Submitted {
  readonly result: Omit<SubmitResult, 'message'>;
  /** What was taken from the author. */
  readonly price: bigint;
  /** None for a file that was there. */
  readonly event: Event | undefined;
}

/**
 * Give a file its place in the flow and take the price of its sectors. A file without tags that is there already, of the same root and length,
 * keeps its place and costs nothing, whoever submits it: a retry is never paid for twice. One with tags is a message of its author, and each
 * submission of it another one; but those that hand over a blob are its publisher's, and done once.
 *
 * @throws TX_MESSAGE
 */
export function submitFile(
  view: StateView,
  author: Uint8Array,
  { value, ...submission }: StorageSubmit,
  { storage, height }: SubmitContext,
): Submitted {
  if (storage === undefined)
    throw new PerigeeError('TX_MESSAGE', 'this chain stores no files: its genesis has no price for them');
  checkSubmission(submission);
  const { length, nodes, tags } = submission;
  const root = dataRootOf(nodes, nobleFileHash);
  const isPlain = tags.length === 0;
  const blobId = blobIdOfTags(tags);
  const blob = blobId && recordToHandOver(view, { blobId, author, length, height });
  const there = isPlain ? plainFileOf(view, root, length) : storedBlob(view, blob?.storedAs, root);
  const sectors = sectorsOf(nodes);
  if (there !== undefined) {
    const { txSeq, startSector } = there;
    return { result: { txSeq, startSector, sectors, existing: true }, price: 0n, event: undefined };
  }
  const price = BigInt(sectors) * storage.pricePerSector;
  if (value < price) {
    throw new PerigeeError(
      'TX_MESSAGE',
      `storing ${sectors} sectors costs ${price}; the submission pays ${value}: send more, what is too much stays with its sender`,
    );
  }
  const record = readFlow(view);
  const { flow, start } = appendToFlow(record, nodes, nobleFileHash);
  const txSeq = record.submissions;
  const flowRoot = flowRootOf(flow, nobleFileHash);
  const file = { ...submission, txSeq, root, startSector: start, author, height, price, flowRoot };
  moveTokens(view, author, STORAGE_POOL, price);
  writeFlow(view, {
    ...flow,
    root: flowRoot,
    submissions: txSeq + 1,
    paidSectors: record.paidSectors + sectors,
    pool: record.pool + price,
  });
  view.write(STORE.storage, storedFileKey(txSeq), StoredFile, file);
  view.set(STORE.storage, fileRootKey(root), u64be(txSeq));
  if (isPlain) view.set(STORE.storage, plainFileKey(root, length), u64be(txSeq));
  if (blob !== undefined) writeHandedOver(view, blob, txSeq);
  return { result: { txSeq, startSector: start, sectors, existing: false }, price, event: eventOf(file) };
}

/** The file without tags of this root and length. */
function plainFileOf(state: StateReader, root: Uint8Array, length: number): StoredFile | undefined {
  const raw = state.get(STORE.storage, plainFileKey(root, length));
  return raw && readFile(state, Number(new DataView(raw.buffer, raw.byteOffset, 8).getBigUint64(0)));
}

/** The file that a blob is stored as, if it has this root. */
function storedBlob(state: StateReader, txSeq: number | undefined, root: Uint8Array): StoredFile | undefined {
  const file = txSeq === undefined ? undefined : readFile(state, txSeq);
  return file !== undefined && equal(file.root, root) ? file : undefined;
}

function readFile(state: StateReader, txSeq: number): StoredFile | undefined {
  const raw = state.get(STORE.storage, storedFileKey(txSeq));
  return raw && StoredFile.decode(raw);
}

function eventOf({ root, txSeq }: StoredFile): Event {
  return {
    type: FILE_EVENT,
    attributes: [
      { key: 'root', value: toHex(root), index: true },
      { key: 'txSeq', value: String(txSeq), index: true },
    ],
  };
}
