/**
 * What the state database holds (format 2). Numbers of fields are final; a change of meaning is a new format. Fields that only format 1 had
 * are in `migrate.ts`.
 */
import {
  concat,
  fromHex,
  type Infer,
  MAX_STATE_KEY_BYTES,
  MAX_STATE_VALUE_BYTES,
  message,
  PerigeeError,
  proto,
  readUvarint,
  u64be,
  utf8,
} from '@perigee/wire';
import { digestBytes, NodeRef, type TreeNode } from './node.ts';

const { bytes, embedded, fixedBytes, optional, repeated, string, uint32, uint53 } = proto;

/** Stores of one state: bounds what a record can make a reader allocate. */
export const MAX_STORES = 64;
/** Pages of one store of which one block may replace nodes. */
const MAX_PAGES = 1 << 22;
/** Nodes of a page. */
export const PAGE_NODES = 32;

export const NodeRefRecord = message('NodeRef', {
  version: [1, uint53()],
  height: [3, uint32(255)],
  size: [4, uint53()],
  hash: [5, fixedBytes(32)],
  /** 2 was another address in format 1. */
  place: [6, uint53()],
});
export type NodeRefRecord = Infer<typeof NodeRefRecord>;

/** A leaf has a value, a branch both children. */
export const NodeRecord = message('Node', {
  key: [1, bytes(MAX_STATE_KEY_BYTES)],
  value: [2, optional(bytes(MAX_STATE_VALUE_BYTES))],
  left: [3, optional(embedded(NodeRefRecord))],
  right: [4, optional(embedded(NodeRefRecord))],
  /** Of the node itself: pages of a snapshot hold nodes of many blocks. */
  version: [5, uint53()],
});

/** Tag of the only field of a page. */
const PAGE_TAG = 0x0a;

/**
 * Nodes that were made together and are likely to be replaced together: `{ nodes: [1, repeated(NodeRecord)] }`, of which one is read at a time. LevelDB takes
 * a page as fast as it takes a node.
 *
 * @returns the record of a node, `undefined` when the page has fewer
 * @throws PARSE
 */
export function recordAt(page: Uint8Array, position: number): Uint8Array | undefined {
  for (let at = 0, i = 0; at < page.length; i++) {
    const { start, end } = boundsAt(page, at);
    if (i === position) return page.subarray(start, end);
    at = end;
  }
  return undefined;
}

/** How many nodes a page has. @throws PARSE */
export function nodesOf(page: Uint8Array): number {
  let nodes = 0;
  for (let at = 0; at < page.length; nodes++) at = boundsAt(page, at).end;
  return nodes;
}

function boundsAt(page: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const { value, end: start } = readUvarint(page, at + 1);
  const end = start + Number(value);
  if (page[at] !== PAGE_TAG || end > page.length) throw new PerigeeError('PARSE', `a page of the state is damaged at byte ${at}`);
  return { start, end };
}

/** Nodes of a page that some state still holds, written once some are gone. */
export const LeftRecord = message('Left', { nodes: [1, uint32(PAGE_NODES)] });

/** The state after one block. */
export const VersionRecord = message('Version', {
  height: [1, uint53()],
  appHash: [2, fixedBytes(32)],
  stores: [
    3,
    repeated(
      embedded(
        message('Store', {
          name: [1, string(32)],
          root: [2, embedded(NodeRefRecord)],
          /** Number of the next page. */
          nextPage: [3, uint53()],
        }),
      ),
      MAX_STORES,
    ),
  ],
});

/** How many nodes of which pages the state after this block no longer holds. */
export const OrphansRecord = message('Orphans', {
  stores: [
    1,
    repeated(
      embedded(
        message('StoreOrphans', {
          name: [1, string(32)],
          /** 2 held nodes one by one in format 1. */
          pages: [3, repeated(uint53(), MAX_PAGES)],
          /** One for each page. */
          nodes: [4, repeated(uint32(PAGE_NODES), MAX_PAGES)],
        }),
      ),
      MAX_STORES,
    ),
  ],
});

export function refOf({ version, place, height, size, hash }: NodeRefRecord): NodeRef {
  return new NodeRef(version, place, height, size, Buffer.from(hash).toString('latin1'));
}

export function refRecordOf({ version, place, height, size, hash }: NodeRef): NodeRefRecord {
  return { version, place, height, size, hash: digestBytes(hash) };
}

/** @throws PARSE for a node that is neither leaf nor branch */
export function nodeOf({ key, value, left, right, version }: Infer<typeof NodeRecord>): TreeNode {
  if (value !== undefined && left === undefined && right === undefined) return { height: 0, size: 1, version, key, value };
  if (value !== undefined || left === undefined || right === undefined) {
    throw new PerigeeError('PARSE', 'a node of the state is neither leaf nor branch');
  }
  const [height, size] = [1 + Math.max(left.height, right.height), left.size + right.size];
  return { height, size, version, key, left: refOf(left), right: refOf(right) };
}

const LEFT = utf8('l');
const META = utf8('m');
const ORPHANS = utf8('o');
const PAGE = utf8('p');
const VERSION = utf8('v');
const END = fromHex('00');

export function pageKey(store: string, page: number): Uint8Array {
  return pageKeys(store)(page);
}

/** Makes keys of many pages of one store. */
export function pageKeys(store: string): (page: number) => Uint8Array {
  const blank = concat(PAGE, utf8(store), END, u64be(0));
  return (page) => {
    const key = blank.slice();
    let rest = page;
    for (let i = key.length - 1; rest > 0; i--, rest = Math.floor(rest / 256)) key[i] = rest % 256;
    return key;
  };
}

export function leftKey(store: string, page: number): Uint8Array {
  return concat(LEFT, utf8(store), END, u64be(page));
}

export function versionRecordKey(height: number): Uint8Array {
  return concat(VERSION, u64be(height));
}

export function orphansRecordKey(height: number): Uint8Array {
  return concat(ORPHANS, u64be(height));
}

/** All nodes of all stores. */
export const ALL_PAGES = { from: PAGE, to: utf8('q') };

/** What is kept beside the state and not proved. */
export function metaKey(name: string): Uint8Array {
  return concat(META, utf8(name));
}
