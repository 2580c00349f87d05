import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../tests/kit/code-of.ts';
import { concat, fromHex, readUvarint, toHex, uvarint, zigzag } from '../src/index.ts';

test.each([
  [0, '00'],
  [1, '01'],
  [127, '7f'],
  [128, '8001'],
  [150, '9601'],
  [300, 'ac02'],
  [0x7fffffff, 'ffffffff07'],
  [0x80000000, '8080808008'],
  [(1n << 64n) - 1n, 'ffffffffffffffffff01'],
  [-1, 'ffffffffffffffffff01'],
  [-(1n << 63n), '80808080808080808001'],
])('uvarint(%s) = %s', (value, hex) => {
  expect(toHex(uvarint(value))).toBe(hex);
});

test.each([
  [0, '00'],
  [-1, '01'],
  [1, '02'],
  [-2, '03'],
  [(1n << 63n) - 1n, 'feffffffffffffffff01'],
  [-(1n << 63n), 'ffffffffffffffffff01'],
])('zigzag(%s) = %s', (value, hex) => {
  expect(toHex(zigzag(value))).toBe(hex);
});

describe('readUvarint', () => {
  test('reads what uvarint writes, at any offset', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.uint8Array(), fc.uint8Array(), (value, before, after) => {
        const written = uvarint(value);
        const read = readUvarint(concat(before, written, after), before.length);
        expect(read).toEqual({ value, end: before.length + written.length });
      }),
    );
  });

  test.each([
    ['', 'nothing'],
    ['80', 'cut off'],
    ['ffffffffffffffffff', 'cut off'],
    ['8000', 'a needless last byte'],
    ['ff00', 'a needless last byte'],
    ['80808080808080808002', '65 bits'],
    ['ffffffffffffffffff7f', '70 bits'],
    ['ffffffffffffffffffff01', 'eleven bytes'],
  ])('refuses %s: %s', (hex) => {
    expect(codeOf(() => readUvarint(fromHex(hex), 0))).toBe('PARSE');
  });

  test('accepts one spelling of a number only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 11 }), (bytes) => {
        if (codeOf(() => readUvarint(bytes, 0)) !== 'none') return;
        const { value, end } = readUvarint(bytes, 0);
        expect(uvarint(value)).toEqual(bytes.slice(0, end));
      }),
    );
  });
});
