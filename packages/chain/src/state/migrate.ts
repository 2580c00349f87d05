/**
 * Format 1 of the state database, and the way from there. It had a record for each node, under `n<store>\0<u64be version><u32be nonce>`.
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
  toHex,
  u32be,
  u64be,
  utf8,
} from '@perigee/wire';
import type { Database, Write } from '../db/index.ts';
import type { NodeRef, TreeNode } from './node.ts';
import { placeNode } from './node-store.ts';
import { orphansOf } from './orphans.ts';
import { FIRST_PAGE, PageWriter } from './page-writer.ts';
import { MAX_STORES, OrphansRecord, refRecordOf, VersionRecord } from './records.ts';

const { bytes, embedded, fixedBytes, optional, repeated, string, uint32, uint53 } = proto;

const NodeRef1 = message('NodeRef', {
  version: [1, uint53()],
  nonce: [2, uint32()],
  height: [3, uint32(255)],
  size: [4, uint53()],
  hash: [5, fixedBytes(32)],
});
type NodeRef1 = Infer<typeof NodeRef1>;

const Node1 = message('Node', {
  key: [1, bytes(MAX_STATE_KEY_BYTES)],
  value: [2, optional(bytes(MAX_STATE_VALUE_BYTES))],
  left: [3, optional(embedded(NodeRef1))],
  right: [4, optional(embedded(NodeRef1))],
});

const Version1 = message('Version', {
  height: [1, uint53()],
  appHash: [2, fixedBytes(32)],
  stores: [3, repeated(embedded(message('Store', { name: [1, string(32)], root: [2, embedded(NodeRef1)] })), MAX_STORES)],
});

const NODE_ID_BYTES = 12;
const Orphans1 = message('Orphans', {
  stores: [
    1,
    repeated(
      embedded(message('StoreOrphans', { name: [1, string(32)], ids: [2, bytes(NODE_ID_BYTES * (1 << 24))] })),
      MAX_STORES,
    ),
  ],
});

const NODES = { from: utf8('n'), to: utf8('o') };
const ORPHANS = { from: utf8('o'), to: utf8('p') };
const VERSIONS = { from: utf8('v'), to: utf8('w') };

/**
 * All states are kept, and what each no longer held.
 *
 * @throws STORE_CORRUPT
 */
export async function migrate(db: Database): Promise<void> {
  const writes: Write[] = [];
  for await (const key of db.keys(NODES)) writes.push({ key, value: undefined });
  // without nodes of format 1 it was done before
  if (writes.length === 0) return;
  const trees = new Map<string, TreeOfFormat1>();
  const treeOf = (name: string): TreeOfFormat1 => {
    const tree = trees.get(name) ?? new TreeOfFormat1(db, name);
    trees.set(name, tree);
    return tree;
  };
  for await (const key of db.keys(VERSIONS)) {
    const { height, appHash, stores } = Version1.decode(get(db, key));
    const placed = stores.map(({ name, root }) => {
      const ref = treeOf(name).rewrite(root);
      return { name, root: refRecordOf(ref), nextPage: treeOf(name).nextPage };
    });
    writes.push({ key, value: VersionRecord.encode({ height, appHash, stores: placed }) });
  }
  for await (const key of db.keys(ORPHANS)) {
    const stores = Orphans1.decode(get(db, key)).stores.map(({ name, ids }) => orphansOf(name, treeOf(name).find(ids)));
    writes.push({ key, value: OrphansRecord.encode({ stores }) });
  }
  for (const tree of trees.values()) writes.push(...tree.flush());
  await db.write(writes);
}

/** The nodes of one store, each written once, though several states hold it. */
class TreeOfFormat1 {
  readonly #db: Database;
  readonly #name: string;
  readonly #pages: PageWriter;
  /** By address in format 1, in hexadecimal. */
  readonly #rewritten = new Map<string, NodeRef>();

  constructor(db: Database, name: string) {
    this.#db = db;
    this.#name = name;
    this.#pages = new PageWriter(name, FIRST_PAGE);
  }

  get nextPage(): number {
    return this.#pages.next;
  }

  flush(): Write[] {
    return this.#pages.flush();
  }

  rewrite(at: NodeRef1): NodeRef {
    const id = concat(u64be(at.version), u32be(at.nonce));
    const known = this.#rewritten.get(toHex(id));
    if (known !== undefined) return known;
    const { key, value, left, right } = Node1.decode(get(this.#db, concat(utf8('n'), utf8(this.#name), fromHex('00'), id)));
    const { version, height, size } = at;
    if (value === undefined && (left === undefined || right === undefined)) throw corrupt(`node ${toHex(id)} is no node`);
    const node: TreeNode =
      left === undefined || right === undefined
        ? { height: 0, size: 1, version, key, value: value ?? new Uint8Array(0) }
        : { height, size, version, key, left: this.rewrite(left), right: this.rewrite(right) };
    const ref = placeNode(node, this.#pages);
    if (ref.hash !== Buffer.from(at.hash).toString('latin1')) throw corrupt(`node ${toHex(id)} has changed`);
    this.#rewritten.set(toHex(id), ref);
    return ref;
  }

  /** @param ids one after another @returns places of those that are there */
  find(ids: Uint8Array): number[] {
    const places: number[] = [];
    for (let at = 0; at < ids.length; at += NODE_ID_BYTES) {
      const ref = this.#rewritten.get(toHex(ids.subarray(at, at + NODE_ID_BYTES)));
      // those that only a state before the first held are gone
      if (ref !== undefined) places.push(ref.place);
    }
    return places;
  }
}

function get(db: Database, key: Uint8Array): Uint8Array {
  const raw = db.get(key);
  if (raw === undefined) throw corrupt(`entry ${toHex(key)} is missing`);
  return raw;
}

function corrupt(what: string): PerigeeError {
  return new PerigeeError('STORE_CORRUPT', `the state cannot be brought to a newer format: ${what}; restore the directory`);
}
