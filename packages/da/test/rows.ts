import { createHash } from 'node:crypto';
import { blobIdOf, type RowProof, u32le } from '@perigee/wire';
import type { RowFileHeader } from '../src/store/row-file-format.ts';

const digest = (text: string, ...parts: Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256').update(text);
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
};

/** Bytes that follow from a label: the store does not look into rows. */
export function filled(length: number, label: string): Uint8Array {
  const out = new Uint8Array(length);
  for (let at = 0, i = 0; at < length; at += 32, i++) out.set(digest(label, u32le(i)).subarray(0, length - at), at);
  return out;
}

/** A holding of every second row of blob number `blob`, K = 64 at 4×. */
export function headerOf(blob: number, committee = 0): RowFileHeader {
  return {
    blobId: blobIdOf(digest(`blob ${blob}`)),
    committeeHash: digest(`committee ${committee}`),
    k: 64,
    n: 192,
    rowSize: 128,
    rowRoot: digest(`root ${blob}`),
    indices: Array.from({ length: 128 }, (_, i) => 2 * i + (committee % 2)),
  };
}

export function rlcOf(blob: number): Uint8Array {
  return filled(16 * 64, `rlc ${blob}`);
}

export function proofOf(blob: number, index: number): RowProof {
  return { index, row: filled(128, `row ${blob} ${index}`), path: filled(32 * 8, `path ${blob} ${index}`) };
}

export function proofsOf(blob: number, indices: readonly number[]): RowProof[] {
  return indices.map((index) => proofOf(blob, index));
}
