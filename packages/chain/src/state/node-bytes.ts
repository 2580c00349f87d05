/** Writes nodes as `NodeRecord` describes them, and the bytes that their hashes are over, a dozen times as fast as from the description. */
import type { Child, Digest, NodeRef, TreeNode } from './node.ts';
import { isLeaf, isRef } from './node.ts';

/** Highest number that is shifted as one of 32 bits. */
const MAX_INT32 = 0x7fffffff;

/** @param value whole, 0 to 2^53 */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** @returns the offset behind it */
export function putVarint(out: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  for (; rest > MAX_INT32; rest = Math.floor(rest / 128)) out[to++] = (rest % 128) | 128;
  for (; rest > 127; rest >>>= 7) out[to++] = (rest & 127) | 128;
  out[to++] = rest;
  return to;
}

/** Tags of a node's record. */
export const TAG = { key: 0x0a, value: 0x12, left: 0x1a, right: 0x22, version: 0x28 } as const;
/** Tags of what a record says of a child. */
export const REF_TAG = { version: 0x08, height: 0x18, size: 0x20, hash: 0x2a, place: 0x30 } as const;

/** What a record has besides key and value: tags and lengths, and of a branch two places with hash. */
export const MAX_NODE_OVERHEAD = 160;

/** Bytes that a node's record has at most. */
export function maxNodeSize(node: TreeNode): number {
  return MAX_NODE_OVERHEAD + node.key.length + (isLeaf(node) ? node.value.length : 0);
}

/** @returns the offset behind it */
export function putNode(out: Buffer, at: number, node: TreeNode): number {
  let to = putBytes(out, at, TAG.key, node.key);
  if (isLeaf(node)) to = putBytes(out, to, TAG.value, node.value);
  else {
    to = putRef(out, to, TAG.left, placed(node.left));
    to = putRef(out, to, TAG.right, placed(node.right));
  }
  out[to++] = TAG.version;
  return putVarint(out, to, node.version);
}

/** The bytes that a leaf's hash is over (`iavlLeafBytes` of light-core); the hash of its value is made before. */
export function putLeafPreimage(out: Buffer, version: number, key: Uint8Array, valueHash: Digest): number {
  out[0] = 0;
  out[1] = 2;
  let to = putVarint(out, 2, 2 * version);
  to = putVarint(out, to, key.length);
  out.set(key, to);
  return putDigest(out, to + key.length, valueHash);
}

/** The bytes that a branch's hash is over (`iavlInnerBytes` of light-core). */
export function putInnerPreimage(
  out: Buffer,
  node: { readonly height: number; readonly size: number; readonly version: number },
  left: Digest,
  right: Digest,
): number {
  let to = putVarint(out, 0, 2 * node.height);
  to = putVarint(out, to, 2 * node.size);
  to = putVarint(out, to, 2 * node.version);
  to = putDigest(out, to, left);
  return putDigest(out, to, right);
}

function putDigest(out: Buffer, at: number, digest: Digest): number {
  out[at] = 32;
  out.write(digest, at + 1, 32, 'latin1');
  return at + 33;
}

function putBytes(out: Buffer, at: number, tag: number, bytes: Uint8Array): number {
  out[at] = tag;
  const to = putVarint(out, at + 1, bytes.length);
  out.set(bytes, to);
  return to + bytes.length;
}

function putRef(out: Buffer, at: number, tag: number, ref: NodeRef): number {
  out[at] = tag;
  out[at + 2] = REF_TAG.version;
  let to = putVarint(out, at + 3, ref.version);
  if (ref.height !== 0) {
    out[to++] = REF_TAG.height;
    out[to++] = ref.height; // a path has at most MAX_PROOF_DEPTH steps, less than 128
  }
  out[to++] = REF_TAG.size;
  to = putVarint(out, to, ref.size);
  out[to++] = REF_TAG.hash;
  to = putDigest(out, to, ref.hash);
  out[to++] = REF_TAG.place;
  to = putVarint(out, to, ref.place);
  out[at + 1] = to - at - 2; // below 128
  return to;
}

function placed(child: Child): NodeRef {
  if (!isRef(child)) throw new TypeError('children have their place before their parent');
  return child;
}
