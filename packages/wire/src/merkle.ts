/**
 * RFC 6962 Merkle trees over SHA-256, as CometBFT uses them: `H('')` for no leaf, `H(00 ‖ x)` for a leaf, `H(01 ‖ l ‖ r)` inside,
 * split at the largest power of two below the number of leaves.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, u8 } from './bytes.ts';
import { PerigeeError } from './error.ts';

const LEAF = u8(0);
const INNER = u8(1);

export function merkleLeaf(data: Uint8Array): Uint8Array {
  return sha256(concat(LEAF, data));
}

export function merkleInner(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(INNER, left, right));
}

/** Root over leaf data (not leaf hashes). */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  return fold(leaves.map(merkleLeaf));
}

/** Siblings of leaf `index`, from the leaf up. */
export function merklePath(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new PerigeeError('INVALID_ARGUMENT', `there is no leaf ${index} in a tree of ${leaves.length}`);
  }
  const path: Uint8Array[] = [];
  let hashes = leaves.map(merkleLeaf);
  let at = index;
  while (hashes.length > 1) {
    const half = split(hashes.length);
    const [mine, other] = at < half ? [hashes.slice(0, half), hashes.slice(half)] : [hashes.slice(half), hashes.slice(0, half)];
    path.unshift(fold(other));
    if (at >= half) at -= half;
    hashes = mine;
  }
  return path;
}

/**
 * @param leaf leaf data
 * @param path siblings from the leaf up; exactly as many as the shape of a tree of `total` leaves asks for
 * @returns nothing; the leaf is then proved to be number `index` of `total` under `root`
 * @throws PROOF
 */
export function verifyMerklePath(
  root: Uint8Array,
  leaf: Uint8Array,
  index: number,
  total: number,
  path: readonly Uint8Array[],
): void {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(total) || index < 0 || index >= total) {
    throw new PerigeeError('PROOF', `leaf ${index} of ${total} does not exist`);
  }
  const sides = merkleSides(index, total);
  if (path.length !== sides.length || path.some((hash) => hash.length !== 32)) {
    throw new PerigeeError(
      'PROOF',
      `path has ${path.length} hashes; leaf ${index} of ${total} needs ${sides.length} of 32 bytes`,
    );
  }
  let hash = merkleLeaf(leaf);
  sides.forEach((side, i) => {
    const sibling = path[i] as Uint8Array;
    hash = side === 'left' ? merkleInner(hash, sibling) : merkleInner(sibling, hash);
  });
  if (!equal(hash, root)) throw new PerigeeError('PROOF', `path of leaf ${index} leads to another root`);
}

/** On which side of its parent leaf `index` of `total`, and then each node above it, hangs: from the leaf up. */
export function merkleSides(index: number, total: number): ('left' | 'right')[] {
  const sides: ('left' | 'right')[] = [];
  for (let at = index, n = total; n > 1; ) {
    const half = split(n);
    const right = at >= half;
    sides.unshift(right ? 'right' : 'left');
    if (right) at -= half;
    n = right ? n - half : half;
  }
  return sides;
}

/** The largest power of two below `n`. */
function split(n: number): number {
  let half = 1;
  while (half * 2 < n) half *= 2;
  return half;
}

function fold(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0] as Uint8Array;
  const half = split(hashes.length);
  return merkleInner(fold(hashes.slice(0, half)), fold(hashes.slice(half)));
}
