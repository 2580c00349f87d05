/** What the state database holds (format 1). Numbers of fields are final; a change of meaning is a new format. */
import { concat, fromHex, MAX_STATE_KEY_BYTES, MAX_STATE_VALUE_BYTES, message, proto, u32be, u64be, utf8 } from '@perigee/wire';

const { bytes, embedded, fixedBytes, optional, repeated, string, uint32, uint53 } = proto;

/** Stores of one state: bounds what a record can make a reader allocate. */
const MAX_STORES = 64;
/** Nodes of one store that one block may replace. */
const MAX_ORPHANS = 1 << 24;
const NODE_ID_BYTES = 12;

const NodeRefRecord = message('NodeRef', {
  version: [1, uint53()],
  nonce: [2, uint32()],
  height: [3, uint32(255)],
  size: [4, uint53()],
  hash: [5, fixedBytes(32)],
});

/** A leaf has a value, a branch both children. */
export const NodeRecord = message('Node', {
  key: [1, bytes(MAX_STATE_KEY_BYTES)],
  value: [2, optional(bytes(MAX_STATE_VALUE_BYTES))],
  left: [3, optional(embedded(NodeRefRecord))],
  right: [4, optional(embedded(NodeRefRecord))],
});

/** The state after one block. */
export const VersionRecord = message('Version', {
  height: [1, uint53()],
  appHash: [2, fixedBytes(32)],
  stores: [3, repeated(embedded(message('Store', { name: [1, string(32)], root: [2, embedded(NodeRefRecord)] })), MAX_STORES)],
});

/** Nodes that the state after this block no longer holds: `u64be version ‖ u32be nonce`, one after another. */
export const OrphansRecord = message('Orphans', {
  stores: [
    1,
    repeated(
      embedded(message('StoreOrphans', { name: [1, string(32)], ids: [2, bytes(NODE_ID_BYTES * MAX_ORPHANS)] })),
      MAX_STORES,
    ),
  ],
});

export function nodeId(version: number, nonce: number): Uint8Array {
  return concat(u64be(version), u32be(nonce));
}

export function nodeIds(ids: Uint8Array): Uint8Array[] {
  return Array.from({ length: ids.length / NODE_ID_BYTES }, (_, i) => ids.slice(i * NODE_ID_BYTES, (i + 1) * NODE_ID_BYTES));
}

const NODE = utf8('n');
const VERSION = utf8('v');
const ORPHANS = utf8('o');
const META = utf8('m');
const END = fromHex('00');

export function nodeRecordKey(store: string, id: Uint8Array): Uint8Array {
  return concat(NODE, utf8(store), END, id);
}

export function versionRecordKey(height: number): Uint8Array {
  return concat(VERSION, u64be(height));
}

export function orphansRecordKey(height: number): Uint8Array {
  return concat(ORPHANS, u64be(height));
}

/** All nodes of all stores. */
export const ALL_NODES = { from: NODE, to: utf8('o') };

/** What is kept beside the state and not proved. */
export function metaKey(name: string): Uint8Array {
  return concat(META, utf8(name));
}
