import { hash } from 'node:crypto';
import { iavlInnerBytes, iavlLeafBytes } from '@perigee/light-core/state';
import { PerigeeError } from '@perigee/wire';
import type { Database, Write } from '../db/index.ts';
import { RecentCache } from '../recent-cache.ts';
import { type Child, type Inner, isLeaf, isRef, type Leaf, type NodeRef, type TreeNode } from './node.ts';
import { NodeRecord, nodeId, nodeRecordKey } from './records.ts';

/** Nodes of one store kept in memory. */
const CACHED_NODES = 50_000;

/** A node whose children, where it has some, are on disk or in the same batch. */
export type PlacedNode = Leaf | (Omit<Inner, 'left' | 'right'> & { readonly left: NodeRef; readonly right: NodeRef });

/** The nodes of one store on disk. */
export class NodeStore {
  readonly #db: Database;
  readonly #name: string;
  readonly #cache = new RecentCache<TreeNode>(CACHED_NODES);

  constructor(db: Database, name: string) {
    this.#db = db;
    this.#name = name;
  }

  /** @throws STORE_CORRUPT when the node is not there */
  readonly load = (ref: NodeRef): TreeNode => {
    const id = cacheKey(ref);
    const cached = this.#cache.get(id);
    if (cached !== undefined) return cached;
    const node = this.read(ref);
    this.#cache.set(id, node);
    return node;
  };

  /**
   * Reads from disk, and leaves the cache as it is: for walks over all of a tree.
   *
   * @throws STORE_CORRUPT when the node is not there
   */
  read(ref: NodeRef): TreeNode {
    const id = cacheKey(ref);
    const raw = this.#db.get(nodeRecordKey(this.#name, nodeId(ref.version, ref.nonce)));
    if (raw === undefined) throw new PerigeeError('STORE_CORRUPT', `node ${id} of store "${this.#name}" is missing`);
    const { key, value, left, right } = NodeRecord.decode(raw);
    const { height, size, version } = ref;
    if (value !== undefined && height === 0) return { height: 0, size: 1, version, key, value };
    if (left !== undefined && right !== undefined) return { height, size, version, key, left, right };
    throw new PerigeeError('STORE_CORRUPT', `node ${id} of store "${this.#name}" is neither leaf nor branch`);
  }

  /**
   * Hash the new nodes below `root` and give them their place on disk.
   *
   * @returns the root, the records to write with the rest of the block, and what to call once they are written
   */
  place(root: Child): { root: NodeRef; writes: Write[]; written: () => void } {
    const writes: Write[] = [];
    const placed: [string, TreeNode][] = [];
    let nonce = 0;
    const place = (child: Child): NodeRef => {
      if (isRef(child)) return child;
      const saved = isLeaf(child) ? child : { ...child, left: place(child.left), right: place(child.right) };
      nonce += 1;
      const { ref, write } = this.record(saved, nonce);
      writes.push(write);
      placed.push([cacheKey(ref), saved]);
      return ref;
    };
    const written = () => {
      for (const [key, node] of placed) this.#cache.set(key, node);
    };
    return { root: place(root), writes, written };
  }

  /**
   * Hash one node whose children have their place.
   *
   * @param nonce that no other node of this version has
   */
  record(node: PlacedNode, nonce: number): { ref: NodeRef; write: Write } {
    const { height, size, version, key } = node;
    const [record, preimage] =
      'value' in node
        ? [NodeRecord.encode({ key, value: node.value }), iavlLeafBytes(version, key, sha256(node.value))]
        : [
            NodeRecord.encode({ key, left: node.left, right: node.right }),
            iavlInnerBytes(height, size, version, node.left.hash, node.right.hash),
          ];
    const ref: NodeRef = { version, nonce, height, size, hash: sha256(preimage) };
    return { ref, write: { key: nodeRecordKey(this.#name, nodeId(version, nonce)), value: record } };
  }
}

function cacheKey(ref: NodeRef): string {
  return `${ref.version}.${ref.nonce}`;
}

function sha256(data: Uint8Array): Uint8Array {
  return Uint8Array.from(hash('sha256', data, 'buffer'));
}
