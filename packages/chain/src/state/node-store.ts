import { hash } from 'node:crypto';
import { iavlInnerBytes, iavlLeafBytes } from '@perigee/light-core/state';
import { PerigeeError } from '@perigee/wire';
import type { Database, Write } from '../db/index.ts';
import { RecentCache } from '../recent-cache.ts';
import { type Child, isLeaf, isRef, type NodeRef, type TreeNode } from './node.ts';
import { NodeRecord, nodeId, nodeRecordKey } from './records.ts';

/** Nodes of one store kept in memory. */
const CACHED_NODES = 50_000;

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
    const raw = this.#db.get(nodeRecordKey(this.#name, nodeId(ref.version, ref.nonce)));
    if (raw === undefined) throw new PerigeeError('STORE_CORRUPT', `node ${id} of store "${this.#name}" is missing`);
    const { key, value, left, right } = NodeRecord.decode(raw);
    const { height, size, version } = ref;
    let node: TreeNode;
    if (value !== undefined && height === 0) node = { height: 0, size: 1, version, key, value };
    else if (left !== undefined && right !== undefined) node = { height, size, version, key, left, right };
    else throw new PerigeeError('STORE_CORRUPT', `node ${id} of store "${this.#name}" is neither leaf nor branch`);
    this.#cache.set(id, node);
    return node;
  };

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
      const { height, size, version } = child;
      let saved: TreeNode;
      let record: Uint8Array;
      let preimage: Uint8Array;
      if (isLeaf(child)) {
        saved = child;
        record = NodeRecord.encode({ key: child.key, value: child.value });
        preimage = iavlLeafBytes(version, child.key, sha256(child.value));
      } else {
        const left = place(child.left);
        const right = place(child.right);
        saved = { ...child, left, right };
        record = NodeRecord.encode({ key: child.key, left, right });
        preimage = iavlInnerBytes(height, size, version, left.hash, right.hash);
      }
      nonce += 1;
      const ref: NodeRef = { version, nonce, height, size, hash: sha256(preimage) };
      writes.push({ key: nodeRecordKey(this.#name, nodeId(version, nonce)), value: record });
      placed.push([cacheKey(ref), saved]);
      return ref;
    };
    const written = () => {
      for (const [key, node] of placed) this.#cache.set(key, node);
    };
    return { root: place(root), writes, written };
  }
}

function cacheKey(ref: NodeRef): string {
  return `${ref.version}.${ref.nonce}`;
}

function sha256(data: Uint8Array): Uint8Array {
  return Uint8Array.from(hash('sha256', data, 'buffer'));
}
