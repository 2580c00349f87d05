import { hash } from 'node:crypto';
import { PerigeeError } from '@perigee/wire';
import type { Database } from '../db/index.ts';
import { RecentCache } from '../recent-cache.ts';
import { type Child, type Digest, isLeaf, isRef, NodeRef, type TreeNode } from './node.ts';
import { putInnerPreimage, putLeafPreimage } from './node-bytes.ts';
import { PageWriter } from './page-writer.ts';
import { NodeRecord, nodeOf, PAGE_NODES, pageKey, recordAt } from './records.ts';

/** Nodes of one store kept in memory for proofs; up to twice as many, some 200 bytes each. */
const CACHED_NODES = 50_000;
/** Pages of one store kept in memory, up to twice as many, some 4 KiB each. Of a page only the node is read that is asked for. */
const CACHED_PAGES = 512;
/** Longest preimage: three numbers, key with length, two digests. */
const MAX_PREIMAGE_BYTES = 4_096;

/** The nodes of one store on disk. */
export class NodeStore {
  readonly #db: Database;
  readonly #name: string;
  readonly #pages = new RecentCache<Uint8Array>(CACHED_PAGES);
  /** Those whose node is in memory: loaded lately, and before that. */
  #young: NodeRef[] = [];
  #old: NodeRef[] = [];
  #clock = 1;

  constructor(db: Database, name: string) {
    this.#db = db;
    this.#name = name;
  }

  /** @throws STORE_CORRUPT when the node is not there */
  readonly load = (ref: NodeRef): TreeNode => {
    ref.used = this.#clock;
    if (ref.node !== undefined) return ref.node;
    const node = this.read(ref);
    ref.node = node;
    this.#keep(ref);
    return node;
  };

  /**
   * Reads from disk, and does not keep the node: for walks over all of a tree.
   *
   * @throws STORE_CORRUPT when the node is not there
   */
  read(ref: Pick<NodeRef, 'place' | 'height' | 'size' | 'version'>): TreeNode {
    const record = recordAt(this.#page(Math.floor(ref.place / PAGE_NODES)), ref.place % PAGE_NODES);
    const node = record === undefined ? undefined : nodeOf(NodeRecord.decode(record));
    if (node === undefined || node.height !== ref.height || node.size !== ref.size || node.version !== ref.version) {
      throw new PerigeeError('STORE_CORRUPT', `node ${ref.place} of store "${this.#name}" is missing, or another`);
    }
    return node;
  }

  /** Puts new nodes into pages. @param nextPage of the state before, at least 1 */
  writer(nextPage: number): PageWriter {
    return new PageWriter(this.#name, nextPage);
  }

  /** Forgets what is in memory: pages on disk have gone. */
  forget(): void {
    this.#pages.clear();
  }

  #keep(ref: NodeRef): void {
    if (this.#young.length >= CACHED_NODES) {
      const still = this.#old.filter(({ used, node }) => used === this.#clock && node !== undefined).slice(0, CACHED_NODES);
      const kept = new Set(still);
      for (const old of this.#old) if (!kept.has(old)) old.node = undefined;
      this.#old = this.#young.filter(({ node }) => node !== undefined).concat(still);
      this.#young = [];
      this.#clock += 1;
    }
    this.#young.push(ref);
  }

  #page(page: number): Uint8Array {
    const id = String(page);
    const cached = this.#pages.get(id);
    if (cached !== undefined) return cached;
    const raw = this.#db.get(pageKey(this.#name, page));
    if (raw === undefined) throw new PerigeeError('STORE_CORRUPT', `page ${page} of store "${this.#name}" is missing`);
    this.#pages.set(id, raw);
    return raw;
  }
}

/** Hash one node whose children have their place, and give it one. */
export function placeNode(node: TreeNode, writer: PageWriter): NodeRef {
  return new NodeRef(node.version, writer.add(node), node.height, node.size, digestOf(node));
}

// one for all: hashing does not wait
const preimage = Buffer.alloc(MAX_PREIMAGE_BYTES);

function digestOf(node: TreeNode): Digest {
  const length = isLeaf(node)
    ? putLeafPreimage(preimage, node.version, node.key, sha256(node.value))
    : putInnerPreimage(preimage, node, hashOf(node.left), hashOf(node.right));
  return sha256(preimage.subarray(0, length));
}

function hashOf(child: Child): Digest {
  if (!isRef(child)) throw new TypeError('children have their place before their parent');
  return child.hash;
}

/** As text: a third of the time that `hash` takes to give a buffer. */
function sha256(data: Uint8Array): Digest {
  return hash('sha256', data, 'binary');
}
