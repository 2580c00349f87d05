import { concatAll, utf8 } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenizer, FIRST_MERGE, type Merge, SIGNS } from '../../src/model/index.ts';

const MERGES: Merge[] = [
  [0x74, 0x68],
  [FIRST_MERGE, 0x65],
  [0x20, FIRST_MERGE + 1],
  [0x65, 0x72],
];

describe('the tokenizer', () => {
  const tokenizer = createTokenizer(MERGES);

  it('applies merges in their order, inside of words', () => {
    expect(tokenizer.encode(utf8('the the'))).toEqual([FIRST_MERGE + 1, FIRST_MERGE + 2]);
    expect(tokenizer.encode(utf8('ther'))).toEqual([FIRST_MERGE + 1, 0x72]); // "the" comes before "er"
    expect(tokenizer.encode(utf8('t h'))).toEqual([0x74, 0x20, 0x68]);
  });

  it('brings any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(concatAll(tokenizer.encode(bytes).map((token) => tokenizer.bytesOf(token)))).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  it('makes no sign of a text', () => {
    const signs: readonly number[] = Object.values(SIGNS);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(tokenizer.encode(utf8(`${text}<|end|>`)).filter((token) => signs.includes(token))).toEqual([]);
      }),
    );
  });

  it('takes a long word in parts', () => {
    expect(tokenizer.encode(utf8('the'.repeat(20_000))).length).toBeLessThan(30_000);
  });
});
