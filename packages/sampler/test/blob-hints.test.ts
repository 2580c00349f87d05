import { BLOB_HINT_HEADS, MAX_BLOB_HINTS_PER_HEAD } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { BlobHints } from '../src/blob/blob-hints.ts';

const blob = (i: number, j = 0): Uint8Array => Uint8Array.from({ length: 33 }, (_, at) => (at === 1 ? i : at === 2 ? j : 0));
const unknown = (): boolean => false;
const firstBytes = (ids: readonly Uint8Array[]): (number | undefined)[] => ids.map((id) => id[1]);

describe('blobs that peers speak of', () => {
  it('are looked up newest first, once a head, a few heads long', () => {
    const hints = new BlobHints();
    hints.note('a', [blob(2), blob(1)]);
    for (let height = 1; height <= BLOB_HINT_HEADS; height++) {
      expect(firstBytes(hints.next(height, unknown))).toEqual([2, 1]);
      expect(hints.next(height, unknown)).toEqual([]);
      hints.note('a', [blob(2), blob(1)]);
    }
    expect(hints.next(9, unknown)).toEqual([]);
  });

  it('are not looked up when they are known, or when their peer is gone', () => {
    const hints = new BlobHints();
    hints.note('a', [blob(2), blob(1)]);
    hints.note('b', [blob(3)]);
    hints.forget('b');
    expect(firstBytes(hints.next(1, (key) => key.startsWith('0002')))).toEqual([1]);
  });

  it('are taken of all peers in turn: no peer hides what another says', () => {
    const hints = new BlobHints();
    for (let height = 1; height <= 20; height++) {
      for (let liar = 0; liar < 10; liar++)
        hints.note(
          `liar ${liar}`,
          Array.from({ length: 16 }, (_, i) => blob(100 + liar, 16 * (height % 16) + i)),
        );
      hints.note('honest', [blob(1, height)]);
      const ids = hints.next(height, unknown);
      expect(ids).toHaveLength(MAX_BLOB_HINTS_PER_HEAD);
      expect(firstBytes(ids)).toContain(1);
    }
  });
});
