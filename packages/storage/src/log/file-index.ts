import type { EntryIndex, IndexFormat } from '@perigee/disk';
import { type Infer, MAX_FILE_SHARDS, message, proto } from '@perigee/wire';

/** Shard and place in the chain's submissions. */
export const FileIndexState = message('FileIndexState', {
  shardId: [1, proto.uint32(MAX_FILE_SHARDS - 1)],
  numShard: [2, proto.uint32(MAX_FILE_SHARDS)],
  /** First submission that was not looked at yet. */
  nextTxSeq: [3, proto.uint53()],
});
export type FileIndexState = Infer<typeof FileIndexState>;

/** What is known of a submission's file: the rest is in it. */
export const FileIndexEntry = message('FileIndexEntry', {
  txSeq: [1, proto.uint53()],
  /** Data root. */
  root: [2, proto.fixedBytes(32)],
  /** Bytes. */
  length: [3, proto.uint53()],
  /** First sector in the flow. */
  startSector: [4, proto.uint53()],
  /** Every segment of the shard was verified, and is on disk. */
  finalized: [5, proto.bool()],
});
export type FileIndexEntry = Infer<typeof FileIndexEntry>;

export const FILE_INDEX: IndexFormat<FileIndexEntry, FileIndexState> = {
  format: 1,
  what: 'files',
  entry: FileIndexEntry,
  state: FileIndexState,
};
export type FileIndex = EntryIndex<FileIndexEntry, FileIndexState>;
