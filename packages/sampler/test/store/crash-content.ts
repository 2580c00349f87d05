import { type RowProof, utf8 } from '@perigee/wire';
import { row } from './samples.ts';

/** What the store of the crash test holds of each number: a blob has ten of them, so that its file grows. */
export function contentOf(number: number): { blobId: string; rows: RowProof[]; evidence: Uint8Array } {
  const digits = Math.floor(number / 10)
    .toString(16)
    .padStart(8, '0');
  const first = 5 * (number % 10);
  return {
    blobId: `00${digits.repeat(8)}`,
    rows: Array.from({ length: 5 }, (_, i) => row(first + i)),
    evidence: utf8(`evidence ${number} `.repeat(1_000)),
  };
}
