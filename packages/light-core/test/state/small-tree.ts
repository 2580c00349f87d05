/** IAVL trees of a few leaves with the proof of each, made by the rules of PROTOCOL §6 alone. */
import { sha256 } from '@noble/hashes/sha2.js';
import { appHashOf, iavlInnerBytes, iavlInnerOp, iavlLeafBytes, iavlLeafOp, proveStore } from '@perigee/light-core/state';
import { type CommitmentProof, type ExistenceProof, type InnerOp, type StateProof, utf8 } from '@perigee/wire';

const VERSION = 7;

interface Node {
  readonly height: number;
  readonly size: number;
  readonly hash: Uint8Array;
  /** Steps from each leaf up to this node. */
  readonly paths: readonly (readonly InnerOp[])[];
}

export interface SmallTree {
  readonly root: Uint8Array;
  /** In the order of the keys. */
  readonly proofs: readonly ExistenceProof[];
}

/** @param keys ascending; the value of each is its own text behind `v` */
export function smallTree(keys: readonly Uint8Array[]): SmallTree {
  const values = keys.map((_, i) => utf8(`v${i}`));
  const build = (from: number, to: number): Node => {
    if (to - from === 1) {
      const bytes = iavlLeafBytes(VERSION, keys[from] as Uint8Array, sha256(values[from] as Uint8Array));
      return { height: 0, size: 1, hash: sha256(bytes), paths: [[]] };
    }
    const half = from + Math.ceil((to - from) / 2);
    const [left, right] = [build(from, half), build(half, to)];
    const node = { height: Math.max(left.height, right.height) + 1, size: to - from, version: VERSION };
    return {
      ...node,
      hash: sha256(iavlInnerBytes(node.height, node.size, VERSION, left.hash, right.hash)),
      paths: [
        ...left.paths.map((path) => [...path, iavlInnerOp(node, 'left', right.hash)]),
        ...right.paths.map((path) => [...path, iavlInnerOp(node, 'right', left.hash)]),
      ],
    };
  };
  const { hash, paths } = build(0, keys.length);
  const proofs = keys.map((key, i) => ({
    key,
    value: values[i] as Uint8Array,
    leaf: iavlLeafOp(VERSION),
    path: paths[i] as readonly InnerOp[],
  }));
  return { root: hash, proofs };
}

/** A proof of store `account`, whose root is `storeRoot`, and the app hash that it leads to. */
export function inAccounts(storeRoot: Uint8Array, inner: CommitmentProof): { proof: StateProof; appHash: Uint8Array } {
  const stores = ['account', 'chain', 'da'].map((name) => ({ name, root: name === 'account' ? storeRoot : sha256(utf8(name)) }));
  const proof = { height: 1, store: 'account', storeRoot, inner, outer: proveStore(stores, 'account') };
  return { proof, appHash: appHashOf(stores) };
}
