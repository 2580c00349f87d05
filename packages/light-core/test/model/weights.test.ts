import { readFileSync } from 'node:fs';
import { type ErrorCode, fromBase64, MAX_WEIGHTS_BYTES, PerigeeError, toHex } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatWeights, parseWeights } from '../../src/model/index.ts';
import { tinyFile, tinyWeights } from './tiny.ts';

/** Bytes of magic and version; the sizes follow, two bytes each. */
const SIZES_AT = 10;
const NAME_LENGTH_AT = SIZES_AT + 14;
const SLOPES_AT = NAME_LENGTH_AT + 1;
const MERGES_AT = SLOPES_AT + 2 + 'tiny'.length;
const SCALES_AT = MERGES_AT + 3 * 4;
const ROWS = 264;

const file = tinyFile('weights');

function refusal(bytes: Uint8Array): { code: ErrorCode; message: string } {
  try {
    parseWeights(bytes);
  } catch (error) {
    if (error instanceof PerigeeError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was taken');
}

function changed(at: number, ...values: number[]): Uint8Array {
  const copy = file.slice();
  copy.set(values, at);
  return copy;
}

describe('a file of weights', () => {
  it('comes back as it was', () => {
    const weights = tinyWeights('weights');
    expect(parseWeights(file)).toEqual(weights);
    expect(toHex(formatWeights(parseWeights(file)))).toBe(toHex(file));
  });

  it('is read as the stored one of version 1', () => {
    const vector = JSON.parse(readFileSync(new URL('../../../../tests/vectors/model.json', import.meta.url), 'utf8'));
    expect(toHex(fromBase64(vector.weights))).toBe(toHex(tinyFile('stored')));
    expect(parseWeights(fromBase64(vector.weights)).name).toBe('tiny');
  });

  it.for<[what: string, bytes: Uint8Array, code: ErrorCode, says: RegExp]>([
    ['nothing', new Uint8Array(0), 'PARSE', /ends after 0/],
    ['another magic', changed(0, 0x70), 'PARSE', /begin/],
    ['another version', changed(8, 2), 'UNKNOWN_VERSION', /version 2/],
    ['one byte less', file.slice(0, -1), 'PARSE', /sizes give/],
    ['one byte more', Uint8Array.from([...file, 0]), 'PARSE', /sizes give/],
    ['its head alone', file.slice(0, 40), 'PARSE', /sizes give/],
    ['too many bytes', new Uint8Array(MAX_WEIGHTS_BYTES + 1), 'PARSE', /at most/],
    ['a vocabulary of 65535', changed(SIZES_AT, 255, 255), 'PARSE', /vocabulary is 65535/],
    ['a vocabulary without bytes', changed(SIZES_AT, 100, 0), 'PARSE', /vocabulary is 100/],
    ['a width of 65535', changed(SIZES_AT + 2, 255, 255), 'PARSE', /width is 65535/],
    ['a width of 24', changed(SIZES_AT + 2, 24, 0), 'PARSE', /multiples of 16/],
    ['no layer', changed(SIZES_AT + 4, 0, 0), 'PARSE', /layers is 0/],
    ['65535 layers', changed(SIZES_AT + 4, 255, 255), 'PARSE', /layers is 65535/],
    ['three heads', changed(SIZES_AT + 6, 3, 0), 'PARSE', /3 heads/],
    ['no head', changed(SIZES_AT + 6, 0, 0), 'PARSE', /heads is 0/],
    ['an inner width of 65535', changed(SIZES_AT + 8, 255, 255), 'PARSE', /inner is 65535/],
    ['no reach', changed(SIZES_AT + 10, 0, 0), 'PARSE', /reach is 0/],
    ['a context of 65535', changed(SIZES_AT + 12, 255, 255), 'PARSE', /context is 65535/],
    ['no name', changed(NAME_LENGTH_AT, 0), 'PARSE', /name/],
    ['a long name', changed(NAME_LENGTH_AT, 255), 'PARSE', /name/],
    ['a name that is no text', changed(SLOPES_AT + 2, 0xff), 'PARSE', /UTF-8/],
    ['a slope of 13', changed(SLOPES_AT, 13), 'PARSE', /slope 13/],
    ['a merge of what comes later', changed(MERGES_AT, 6, 1), 'PARSE', /merge 0/],
    ['a merge of a sign', changed(MERGES_AT, 0, 1), 'PARSE', /merge 0/],
    ['a multiplier of 1', changed(SCALES_AT, 1, 0), 'PARSE', /multiplier/],
    ['a multiplier of 65535', changed(SCALES_AT, 255, 255), 'PARSE', /multiplier/],
    ['a shift of 16', changed(SCALES_AT + 2 * ROWS, 16), 'PARSE', /shift/],
    ['a shift of 47', changed(SCALES_AT + 2 * ROWS, 47), 'PARSE', /shift/],
  ])('with %s is refused', ([, bytes, code, says]) => {
    expect(refusal(bytes)).toEqual({ code, message: expect.stringMatching(says) });
  });

  it('with merges that grow too long is refused', () => {
    const merges = Array.from({ length: 7 }, (_, i) => (i === 0 ? ([97, 97] as const) : ([260 + i, 260 + i] as const)));
    expect(() => formatWeights({ ...tinyWeights('long', { vocabulary: 268 }), merges })).toThrow(/merge 5/);
  });

  it('is read or refused with a code, whatever is changed', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), fc.nat(file.length), (at, value, length) => {
        for (const bytes of [changed(at, value), changed(at, value).slice(0, length)]) {
          try {
            parseWeights(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(PerigeeError);
          }
        }
      }),
    );
  });
});
