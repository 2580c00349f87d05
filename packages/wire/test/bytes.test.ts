import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../tests/kit/code-of.ts';
import { compare, concat, equal, fromHex, fromUtf8, toHex, u8, u16le, u32be, u32le, u64be, u64le, utf8 } from '../src/index.ts';

const someBytes = fc.uint8Array({ maxLength: 40 });

test('concat, equal and compare agree with Node', () => {
  fc.assert(
    fc.property(someBytes, someBytes, (a, b) => {
      expect(Buffer.from(concat(a, b))).toEqual(Buffer.concat([a, b]));
      expect(equal(a, b)).toBe(Buffer.from(a).equals(b));
      expect(compare(a, b)).toBe(Buffer.compare(a, b));
      expect(equal(a, a.slice())).toBe(true);
    }),
  );
});

describe('hexadecimal', () => {
  test('there and back, with and without 0x, in either case', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const hex = toHex(bytes);
        expect(hex).toBe(Buffer.from(bytes).toString('hex'));
        for (const text of [hex, `0x${hex}`, hex.toUpperCase()]) expect(equal(fromHex(text, bytes.length), bytes)).toBe(true);
      }),
    );
  });

  test.each([['a'], ['0xa'], ['zz'], ['0x 1'], ['12\n'], ['0x0x12'], ['１２']])('refuses %j', (text) => {
    expect(codeOf(() => fromHex(text))).toBe('PARSE');
  });

  test('refuses another length', () => {
    expect(codeOf(() => fromHex('aabb', 3))).toBe('PARSE');
    expect(codeOf(() => fromHex('', 1))).toBe('PARSE');
    expect(fromHex('', 0)).toHaveLength(0);
  });
});

describe('text', () => {
  test('there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text);
      }),
    );
    expect(fromUtf8(fromHex('efbbbf41'))).toBe('\ufeffA');
  });

  test.each(['80', 'c080', 'eda080', 'f8', 'e28'.padEnd(4, '0')])('refuses %s', (hex) => {
    expect(codeOf(() => fromUtf8(fromHex(hex)))).toBe('PARSE');
  });
});

test('integers', () => {
  expect(toHex(concat(u8(0x12), u16le(0x1234), u32le(0x12345678), u32be(0x12345678)))).toBe('123412' + '78563412' + '12345678');
  expect(toHex(u64le(0x123456789abcn))).toBe('bc9a785634120000');
  expect(toHex(u64be(0x123456789abc))).toBe('0000123456789abc');
});

test.each([
  ['u8', u8, 2 ** 8],
  ['u16le', u16le, 2 ** 16],
  ['u32le', u32le, 2 ** 32],
  ['u32be', u32be, 2 ** 32],
] as const)('%s takes all whole numbers below 2^bits, and no other', (_, write, end) => {
  expect(write(0)).toEqual(new Uint8Array(write(0).length));
  expect(write(end - 1)).toEqual(new Uint8Array(write(0).length).fill(255));
  for (const value of [end, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(codeOf(() => write(value))).toBe('INVALID_ARGUMENT');
  }
});

test.each([
  ['u64le', u64le],
  ['u64be', u64be],
] as const)('%s takes all whole numbers below 2^64, and no other', (_, write) => {
  expect(write((1n << 64n) - 1n)).toEqual(new Uint8Array(8).fill(255));
  for (const value of [1n << 64n, -1n, -1, 0.5, 2 ** 53, Number.NaN]) expect(codeOf(() => write(value))).toBe('INVALID_ARGUMENT');
});
