import { concat, PerigeeError, u32le } from '@perigee/wire';
import { extend } from './encode.ts';
import type { Kernel } from './kernel.ts';
import { checkCommitted, checkLength } from './shape.ts';
import type { Codec, RowCommitment, RowShape, RowTree } from './types.ts';

/** Bytes of one random linear combination: 8 elements of GF(2^16), little-endian. */
export const COMBINATION_BYTES = 16;

export function commit(kernel: Kernel, input: Parameters<Codec['commit']>[0]): RowCommitment {
  checkCommitted(input);
  const { original, parity, k, n, rowSize } = input;
  checkLength('original', original, k * rowSize);
  checkLength('parity', parity, n * rowSize);
  return kernel.scratch((allocate) => {
    const rows = allocate((k + n) * rowSize);
    kernel.write(rows, original);
    kernel.write(rows + k * rowSize, parity);
    return commitRows(kernel, input, rows);
  });
}

export function extendAndCommit(
  kernel: Kernel,
  input: Parameters<Codec['extendAndCommit']>[0],
): ReturnType<Codec['extendAndCommit']> {
  checkCommitted(input);
  const { original, k, n, rowSize } = input;
  checkLength('original', original, k * rowSize);
  if (input.into !== undefined) checkLength('into', input.into, n * rowSize);
  return kernel.scratch((allocate) => {
    const rows = allocate((k + n) * rowSize);
    const parity = rows + k * rowSize;
    kernel.write(rows, original);
    extend(kernel, input, 'high', rows, parity);
    return { ...commitRows(kernel, input, rows), parity: kernel.readInto(parity, n * rowSize, input.into) };
  });
}

/** Siblings of row `index` from the leaf up, 32 bytes each, one after another. */
export function openRow(tree: RowTree, index: number): Uint8Array {
  const { leaves, hashes } = tree;
  checkLength('tree', hashes, 64 * leaves);
  if (!Number.isInteger(index) || index < 0 || index >= leaves) {
    throw new PerigeeError('ROW_INDEX', `there is no row ${index} in a tree of ${leaves}`);
  }
  const path = new Uint8Array(32 * Math.log2(leaves));
  // word by word: a copy of 32 bytes by `set` takes eight times as long, and a publisher opens every row
  const [from, to] = [wordsOf(hashes), new Uint32Array(path.buffer)];
  for (let node = leaves + index, at = 0; node > 1; node >>= 1) {
    const sibling = 8 * (node ^ 1);
    for (let i = 0; i < 8; i++) to[at++] = from[sibling + i] as number;
  }
  return path;
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** H(rowRoot ‖ LE32 K ‖ LE32 N ‖ LE32 rowSize), from which the coefficients are drawn. */
function seedOf(kernel: Kernel, rowRoot: Uint8Array, { k, n, rowSize }: RowShape): Uint8Array {
  return kernel.sha256(concat(rowRoot, u32le(k), u32le(n), u32le(rowSize)));
}

/** Root over the combinations at `combinations`. */
export function rlcRootOf(kernel: Kernel, combinations: number, k: number): Uint8Array {
  return kernel.scratch((allocate) => {
    const nodes = allocate(64 * k);
    kernel.call.rlc_leaves(combinations, k, nodes + 32 * k);
    kernel.call.merkle_tree(nodes, k);
    return kernel.read(nodes + 32, 32);
  });
}

/** Coefficients of one row's symbols to `out`, 16 bytes each, in the kernel's own form. */
export function coefficients(kernel: Kernel, rowRoot: Uint8Array, shape: RowShape, out: number): void {
  kernel.scratch((allocate) => {
    const seed = allocate(32);
    kernel.write(seed, seedOf(kernel, rowRoot, shape));
    kernel.call.rlc_coefficients(kernel.field, seed, shape.rowSize / 2, out);
  });
}

/** Commit to the K+N rows at `rows`; the shape has been checked. */
export function commitRows(kernel: Kernel, shape: RowShape, rows: number): RowCommitment {
  const { k, n, rowSize } = shape;
  const leaves = k + n;
  return kernel.scratch((allocate) => {
    const nodes = allocate(64 * leaves);
    kernel.write(nodes, new Uint8Array(32));
    kernel.leafHashes(rows, leaves, rowSize, nodes + 32 * leaves);
    kernel.call.merkle_tree(nodes, leaves);
    const rowRoot = kernel.read(nodes + 32, 32);

    const drawn = allocate((rowSize / 2) * COMBINATION_BYTES);
    const work = allocate(kernel.call.rlc_work_bytes(k));
    const combinations = allocate(k * COMBINATION_BYTES);
    coefficients(kernel, rowRoot, shape, drawn);
    kernel.call.rlc_rows(kernel.field, drawn, rows, k, rowSize, work, combinations);
    const rlcRoot = rlcRootOf(kernel, combinations, k);
    return {
      k,
      n,
      rowSize,
      commitment: kernel.sha256(concat(rowRoot, rlcRoot)),
      rowRoot,
      rlcRoot,
      rlcOriginal: kernel.read(combinations, k * COMBINATION_BYTES),
      tree: { leaves, hashes: kernel.read(nodes, 64 * leaves) },
    };
  });
}
