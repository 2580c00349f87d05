import { MAX_SNAPSHOT_CHUNK_BYTES, PerigeeError, SNAPSHOT_CHUNK_BYTES } from '@perigee/wire';
import type { StoreNode } from '../state/index.ts';
import { SnapshotChunk } from './records.ts';

/** What a node takes besides key and value, bytes, at most. */
const NODE_BYTES = 32;

type Run = {
  readonly store: string;
  readonly nodes: { readonly version: number; readonly key?: Uint8Array; readonly value?: Uint8Array }[];
};

/** Cuts nodes into chunks: the same nodes, the same chunks. */
export function* chunksOf(nodes: Iterable<StoreNode>): Generator<Uint8Array> {
  let runs: Run[] = [];
  let bytes = 0;
  for (const { store, version, leaf } of nodes) {
    let run = runs.at(-1);
    if (run?.store !== store) {
      run = { store, nodes: [] };
      runs.push(run);
    }
    run.nodes.push(leaf === undefined ? { version } : { version, ...leaf });
    bytes += NODE_BYTES + (leaf === undefined ? 0 : leaf.key.length + leaf.value.length);
    if (bytes < SNAPSHOT_CHUNK_BYTES) continue;
    yield SnapshotChunk.encode({ runs });
    runs = [];
    bytes = 0;
  }
  if (runs.length > 0) yield SnapshotChunk.encode({ runs });
}

/** @throws PARSE */
export function nodesOf(chunk: Uint8Array): StoreNode[] {
  if (chunk.length > MAX_SNAPSHOT_CHUNK_BYTES) {
    throw new PerigeeError(
      'PARSE',
      `a chunk of a snapshot has ${chunk.length} bytes; at most ${MAX_SNAPSHOT_CHUNK_BYTES} are taken`,
    );
  }
  return SnapshotChunk.decode(chunk).runs.flatMap(({ store, nodes }) =>
    nodes.map(({ version, key, value }): StoreNode => {
      if (key === undefined && value === undefined) return { store, version };
      if (key !== undefined && value !== undefined) return { store, version, leaf: { key, value } };
      throw new PerigeeError('PARSE', 'a node of a snapshot has a key without a value, or a value without a key');
    }),
  );
}
