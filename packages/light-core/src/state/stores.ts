/**
 * The app hash: a simple Merkle tree over (store name, store root), ascending by name, in the `tendermint` form of ICS23.
 * leaf: H(00 ‖ length-prefixed name ‖ 0x20 ‖ H(root)); inner: H(01 ‖ left ‖ right).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import {
  concat,
  type ExistenceProof,
  type InnerOp,
  MAX_PROOF_DEPTH,
  merklePath,
  merkleRoot,
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
  const path: InnerOp[] = siblings.map((sibling, i) =>
    sidesOf(index, stores.length)[i] === 'left'
      ? { hash: SHA256, prefix: INNER, suffix: sibling }
      : { hash: SHA256, prefix: concat(INNER, sibling), suffix: new Uint8Array(0) },
  );
  return {
    key: utf8(name),
    value: store.root,
    leaf: { hash: SHA256, prehashKey: 0, prehashValue: SHA256, length: 1, prefix: LEAF },
    path,
  };
}

/**
 * @returns the app hash that the proof leads to
 * @throws PROOF
 */
export function storeProofRoot(proof: ExistenceProof): Uint8Array {
  const { leaf, key, value, path } = proof;
  if (key.length === 0 || value.length !== HASH) throw refuse('store proof has no name or no 32-byte root');
  if (leaf?.hash !== SHA256 || leaf.prehashKey !== 0 || leaf.prehashValue !== SHA256 || leaf.length !== 1) {
    throw refuse('store leaf operation hashes in another way than a simple Merkle leaf');
  }
  if (leaf.prefix.length !== 1 || leaf.prefix[0] !== 0) throw refuse('store leaf prefix is not 00');
  if (path.length > MAX_PROOF_DEPTH) throw refuse(`store path of ${path.length} steps`);
  let hash = sha256(concat(LEAF, uvarint(key.length), key, uvarint(HASH), sha256(value)));
  for (const op of path) {
    const left = op.prefix.length === 1 && op.suffix.length === HASH;
    const right = op.prefix.length === 1 + HASH && op.suffix.length === 0;
    if (op.hash !== SHA256 || op.prefix[0] !== 1 || !(left || right))
      throw refuse('store path step is not that of a simple Merkle tree');
    hash = sha256(concat(op.prefix, hash, op.suffix));
  }
  return hash;
}

function leafData(store: StoreRoot): Uint8Array {
  const name = utf8(store.name);
  return concat(uvarint(name.length), name, uvarint(HASH), sha256(store.root));
}

/** On which side leaf `index` of `total` lies at each level, from the leaf up. */
function sidesOf(index: number, total: number): ('left' | 'right')[] {
  const sides: ('left' | 'right')[] = [];
  for (let at = index, n = total; n > 1; ) {
    let half = 1;
    while (half * 2 < n) half *= 2;
    const right = at >= half;
    sides.unshift(right ? 'right' : 'left');
    if (right) at -= half;
    n = right ? n - half : half;
  }
  return sides;
}
