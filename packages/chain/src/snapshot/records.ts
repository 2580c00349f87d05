/** What a snapshot is made of (format 1). Numbers of fields are final; a change of meaning is a new format. */
import {
  type Infer,
  MAX_SNAPSHOT_CHUNK_BYTES,
  MAX_SNAPSHOT_CHUNKS,
  MAX_STATE_KEY_BYTES,
  MAX_STATE_VALUE_BYTES,
  message,
  proto,
} from '@perigee/wire';

const { bytes, embedded, fixedBytes, optional, repeated, string, uint32, uint53 } = proto;

export const SNAPSHOT_FORMAT = 1;

/** Two bytes a node at least. */
const MAX_NODES = MAX_SNAPSHOT_CHUNK_BYTES / 2;

/** A leaf has key and value; a branch neither, and is over the two nodes that were last left without a parent. */
const Node = message('SnapshotNode', {
  version: [1, uint53()],
  key: [2, optional(bytes(MAX_STATE_KEY_BYTES))],
  value: [3, optional(bytes(MAX_STATE_VALUE_BYTES))],
});

/** Nodes, children before their parents and left before right, store after store ascending by name. */
export const SnapshotChunk = message('SnapshotChunk', {
  runs: [
    1,
    repeated(embedded(message('SnapshotRun', { store: [1, string(32)], nodes: [2, repeated(embedded(Node), MAX_NODES)] })), 64),
  ],
});
export type SnapshotChunk = Infer<typeof SnapshotChunk>;

/** What a chunk must be, so that a wrong one is known before it is applied. `hash` of the snapshot is the SHA-256 of this. */
export const SnapshotMetadata = message('SnapshotMetadata', {
  /** Canonical `InitChain`, with its chain id. The state proves its hash. */
  genesis: [1, bytes(2 << 20)],
  /** SHA-256 of each chunk. */
  chunkHashes: [2, repeated(fixedBytes(32), MAX_SNAPSHOT_CHUNKS)],
});

/** A snapshot as it lies on disk, beside its chunks. */
export const SnapshotRecord = message('StoredSnapshot', {
  height: [1, uint53()],
  format: [2, uint32()],
  metadata: [3, bytes(4 << 20)],
});
