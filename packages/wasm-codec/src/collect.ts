import { type ErrorCode, equal, PerigeeError, type RowProof, toHex } from '@perigee/wire';
import { commitRows } from './commit.ts';
import { extend } from './encode.ts';
import type { Kernel } from './kernel.ts';
import { decode } from './reconstruct.ts';
import type { PrimedBlob, RowCollection } from './types.ts';
import type { Verifier } from './verify.ts';

/**
 * All K+N rows of a blob have their place in one block of kernel memory: verified rows are put there, missing originals are decoded and parity is
 * encoded in place, so that nothing is ever copied out and in again.
 */
export class Collection implements RowCollection {
  readonly #kernel: Kernel;
  readonly #verifier: Verifier;
  readonly #blob: PrimedBlob;
  readonly #held = new Set<number>();
  /** `undefined` once it is freed. */
  #rows: number | undefined;
  #restored = false;

  constructor(kernel: Kernel, verifier: Verifier, blob: PrimedBlob) {
    this.#kernel = kernel;
    this.#verifier = verifier;
    this.#blob = blob;
    verifier.verifyRows(blob, []); // refuses a blob that is not this codec's
    this.#rows = kernel.arena.allocate((blob.k + blob.n) * blob.rowSize);
  }

  get size(): number {
    return this.#held.size;
  }

  get originals(): number {
    let count = 0;
    for (const index of this.#held) if (index < this.#blob.k) count++;
    return count;
  }

  add(proofs: readonly RowProof[]): (ErrorCode | undefined)[] {
    const rows = this.#address();
    if (this.#restored) throw new PerigeeError('INVALID_ARGUMENT', 'the rows of this blob are restored already');
    const codes = this.#verifier.verifyRows(this.#blob, proofs);
    for (const [i, { index, row }] of proofs.entries()) {
      if (codes[i] !== undefined || this.#held.has(index)) continue;
      this.#kernel.write(rows + index * this.#blob.rowSize, row);
      this.#held.add(index);
    }
    return codes;
  }

  restore(): void {
    const { k, n, rowSize, commitment } = this.#blob;
    const rows = this.#address();
    if (this.#restored) return;
    if (this.#held.size < k) {
      throw new PerigeeError('NOT_ENOUGH_ROWS', `${this.#held.size} rows are there; any ${k} of the ${k + n} are needed`, {
        data: { have: this.#held.size, need: k },
      });
    }
    const shape = { k, n, rowSize };
    // originals first: with all of them nothing has to be decoded
    const chosen = [...this.#held].sort((a, b) => a - b).slice(0, k);
    if (chosen.some((index) => index >= k)) {
      decode(this.#kernel, { ...shape, layout: 'high' }, new Map(chosen.map((index) => [index, rows + index * rowSize])), rows);
    }
    this.#held.clear(); // what comes now overwrites the rows that were verified
    extend(this.#kernel, shape, 'high', rows, rows + k * rowSize);
    const made = commitRows(this.#kernel, shape, rows).commitment;
    if (!equal(made, commitment)) {
      const words = `the rows give commitment ${toHex(made)}, not ${toHex(commitment)}: the blob was encoded wrongly`;
      throw new PerigeeError('COMMITMENT_MISMATCH', words);
    }
    this.#restored = true;
  }

  view(): Uint8Array {
    const at = this.#whole();
    return this.#kernel.bytes.subarray(at, at + this.#blob.k * this.#blob.rowSize);
  }

  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    const at = this.#whole();
    this.#checkRange(from, to);
    return this.#kernel.read(at + from, to - from);
  }

  sha256(from: number, to: number): Uint8Array {
    const at = this.#whole();
    this.#checkRange(from, to);
    return this.#kernel.sha256At(at + from, to - from);
  }

  free(): void {
    if (this.#rows !== undefined) this.#kernel.arena.free(this.#rows);
    this.#rows = undefined;
  }

  #address(): number {
    if (this.#rows === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'the rows of this blob were freed');
    return this.#rows;
  }

  #whole(): number {
    const rows = this.#address();
    if (!this.#restored) throw new PerigeeError('INVALID_ARGUMENT', 'the rows of this blob are not restored yet');
    return rows;
  }

  #checkRange(from: number, to: number): void {
    const size = this.#blob.k * this.#blob.rowSize;
    if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= size) return;
    throw new PerigeeError('INVALID_ARGUMENT', `there are no bytes ${from} to ${to} among ${size}`);
  }
}
