/**
 * The app hash: a simple Merkle tree over (store name, store root), ascending by name, in the `tendermint` form of ICS23.
 * leaf: H(00 ‖ length-prefixed name ‖ 0x20 ‖ H(root)); inner: H(01 ‖ left ‖ right).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import {
  concat,
  type ExistenceProof,
  equal,
  type InnerOp,
  MAX_PROOF_DEPTH,
  merkleLeaf,
  merklePath,
  merkleRoot,
  merkleSides,
  PerigeeError,
  u8,
  utf8,
  uvarint,
} from '@perigee/wire';
import { refuse } from './refuse.ts';

const SHA256 = 1;
const LEAF = u8(0);
const INNER = u8(1);
const HASH = 32;

export interface StoreRoot {
  readonly name: string;
  readonly root: Uint8Array;
}

/** @param stores ascending by name, no name twice */
export function appHashOf(stores: readonly StoreRoot[]): Uint8Array {
  return merkleRoot(stores.map(leafData));
}

/** @throws INVALID_ARGUMENT when there is no such store */
export function proveStore(stores: readonly StoreRoot[], name: string): ExistenceProof {
  const index = stores.findIndex((store) => store.name === name);
  const store = stores[index];
  if (store === undefined) throw new PerigeeError('INVALID_ARGUMENT', `there is no store "${name}"`);
  const siblings = merklePath(stores.map(leafData), index);
  const path = merkleSides(index, stores.length).map((side, i): InnerOp => {
    const sibling = siblings[i] as Uint8Array;
    return side === 'left'
      ? { hash: SHA256, prefix: INNER, suffix: sibling }
      : { hash: SHA256, prefix: concat(INNER, sibling), suffix: new Uint8Array(0) };
  });
  return {
    key: utf8(name),
    value: store.root,
    leaf: { hash: SHA256, prehashKey: 0, prehashValue: SHA256, length: 1, prefix: LEAF },
    path,
  };
}

/**
 * @returns the app hash that the proof of store `name` leads to
 * @throws PROOF
 */
export function storeProofRoot({ leaf, key, value, path }: ExistenceProof, name: string): Uint8Array {
  if (!equal(key, utf8(name))) throw refuse(`its store is not "${name}"`);
  if (value.length !== HASH) throw refuse(`a store root has 32 bytes, not ${value.length}`);
  if (leaf?.hash !== SHA256 || leaf.prehashKey !== 0 || leaf.prehashValue !== SHA256 || leaf.length !== 1) {
    throw refuse('store leaf operation hashes in another way than a simple Merkle leaf');
  }
  if (!equal(leaf.prefix, LEAF)) throw refuse('store leaf prefix is not 00');
  if (path.length > MAX_PROOF_DEPTH) throw refuse(`store path of ${path.length} steps`);
  let hash = merkleLeaf(leafData({ name, root: value }));
  for (const { hash: hashOp, prefix, suffix } of path) {
    const left = prefix.length === 1 && suffix.length === HASH;
    const right = prefix.length === 1 + HASH && suffix.length === 0;
    if (hashOp !== SHA256 || prefix[0] !== INNER[0] || !(left || right)) {
      throw refuse('store path step is not that of a simple Merkle tree');
    }
    hash = sha256(concat(prefix, hash, suffix));
  }
  return hash;
}

function leafData({ name, root }: StoreRoot): Uint8Array {
  const key = utf8(name);
  return concat(uvarint(key.length), key, uvarint(HASH), sha256(root));
}
