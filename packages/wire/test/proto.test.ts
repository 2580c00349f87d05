import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../tests/kit/code-of.ts';
import { concat, fromHex, message, proto, toHex, uvarint } from '../src/index.ts';

const {
  bool,
  bytes,
  bytesView,
  embedded,
  fixedBytes,
  int53,
  int64,
  optional,
  repeated,
  sfixed53,
  string,
  uint32,
  uint53,
  uint64,
  uint128,
} = proto;

const Inner = message('Inner', { a: [1, uint32()], text: [2, string(20)] });
/** One field of every kind, described out of order. */
const All = message('All', {
  last: [200, bool()],
  small: [1, uint32(1_000)],
  wide: [2, uint64()],
  signed: [3, int64()],
  height: [4, uint53()],
  time: [5, int53()],
  fixed: [6, sfixed53()],
  data: [7, bytes(8)],
  view: [8, bytesView(8)],
  hash: [9, fixedBytes(4)],
  text: [10, string(8)],
  amount: [11, uint128()],
  inner: [12, embedded(Inner)],
  maybe: [13, optional(embedded(Inner))],
  maybeNumber: [14, optional(uint32())],
  numbers: [15, repeated(uint32(), 4)],
  texts: [16, repeated(string(4), 3)],
  inners: [17, repeated(embedded(Inner), 3)],
});
type All = proto.Infer<typeof All>;

const SAFE = Number.MAX_SAFE_INTEGER;
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const inner = fc.record({ a: u32, text: fc.string({ maxLength: 6 }) });
const all: fc.Arbitrary<All> = fc.record(
  {
    last: fc.boolean(),
    small: fc.integer({ min: 0, max: 1_000 }),
    wide: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    signed: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    height: fc.integer({ min: 0, max: SAFE }),
    time: fc.integer({ min: -SAFE, max: SAFE }),
    fixed: fc.integer({ min: -SAFE, max: SAFE }),
    data: fc.uint8Array({ maxLength: 8 }),
    view: fc.uint8Array({ maxLength: 8 }),
    hash: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    text: fc.string({ maxLength: 8 }),
    amount: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
    inner,
    maybe: inner,
    maybeNumber: u32,
    numbers: fc.array(u32, { maxLength: 4 }),
    texts: fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 }),
    inners: fc.array(inner, { maxLength: 3 }),
  },
  {
    requiredKeys: [
      'last',
      'small',
      'wide',
      'signed',
      'height',
      'time',
      'fixed',
      'data',
      'view',
      'hash',
      'text',
      'amount',
      'inner',
      'numbers',
      'texts',
      'inners',
    ],
  },
);

describe('known bytes (protobuf encoding guide)', () => {
  const One = message('One', {
    a: [1, int64()],
    b: [2, string(20)],
    c: [3, optional(embedded(message('Sub', { a: [1, int64()] })))],
    f: [6, repeated(uint32(), 9)],
  });
  test.each([
    [{ a: 150n, b: '', f: [] }, '089601'],
    [{ a: -2n, b: '', f: [] }, '08feffffffffffffffff01'],
    [{ a: 0n, b: 'testing', f: [] }, '120774657374696e67'],
    [{ a: 0n, b: '', c: { a: 150n }, f: [] }, '1a03089601'],
    [{ a: 0n, b: '', c: { a: 0n }, f: [] }, '1a00'],
    [{ a: 0n, b: '', f: [3, 270, 86942] }, '3206038e029ea705'],
  ])('%o', (value, hex) => {
    expect(toHex(One.encode(value))).toBe(hex);
    expect(One.decodeCanonical(fromHex(hex))).toEqual(value);
  });

  test('sfixed64 is little-endian two’s complement', () => {
    const Fixed = message('Fixed', { v: [2, sfixed53()] });
    expect(toHex(Fixed.encode({ v: 1 }))).toBe('110100000000000000');
    expect(toHex(Fixed.encode({ v: -2 }))).toBe('11feffffffffffffff');
  });

  test('an embedded message is written though empty, a zero is not', () => {
    const Outer = message('Outer', { inner: [2, embedded(Inner)], n: [3, uint32()] });
    expect(toHex(Outer.encode({ inner: { a: 0, text: '' }, n: 0 }))).toBe('1200');
    expect(Outer.decode(new Uint8Array(0))).toEqual({ inner: { a: 0, text: '' }, n: 0 });
  });
});

describe('every value', () => {
  test('is read as it was written, in one form only', () => {
    fc.assert(
      fc.property(all, (value) => {
        const written = All.encode(value);
        expect(All.lengthOf(value)).toBe(written.length);
        expect(All.decode(written)).toEqual(value);
        expect(All.decodeCanonical(written)).toEqual(value);
      }),
    );
  });

  test('cut off anywhere gives PARSE or another value, and no other error', () => {
    fc.assert(
      fc.property(all, fc.nat(), (value, at) => {
        const written = All.encode(value);
        const cut = written.subarray(0, at % written.length);
        if (codeOf(() => All.decode(cut)) === 'none') expect(All.decode(cut)).not.toEqual(value);
        else expect(codeOf(() => All.decode(cut))).toBe('PARSE');
      }),
    );
  });

  test('with any byte changed gives PARSE, or a value that can be written again', () => {
    fc.assert(
      fc.property(all, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, bits) => {
        const changed = All.encode(value);
        const i = at % changed.length;
        changed[i] = (changed[i] ?? 0) ^ bits;
        const code = codeOf(() => All.decode(changed));
        expect(['none', 'PARSE']).toContain(code);
        if (code === 'none') All.encode(All.decode(changed));
        expect(['none', 'PARSE', 'NOT_CANONICAL']).toContain(codeOf(() => All.decodeCanonical(changed)));
      }),
    );
  });

  test('copies out of the frame, but for views', () => {
    const written = All.encode({ ...All.decode(fromHex('4a0401020304')), data: Uint8Array.of(1), view: Uint8Array.of(2) });
    const read = All.decode(written);
    written.fill(0xff);
    expect([...read.data, ...read.hash]).toEqual([1, 1, 2, 3, 4]);
    expect([...read.view]).toEqual([0xff]);
  });
});

test('random bytes give PARSE or a value within bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (raw) => {
      const code = codeOf(() => All.decode(concat(fromHex('4a0400000000'), raw)));
      expect(['none', 'PARSE']).toContain(code);
    }),
    { numRuns: 2_000 },
  );
});

describe('bounds when reading', () => {
  const base = '4a0401020304';
  test.each([
    ['a number above its bound', '08e907'],
    ['a uint53 above 2^53', '20ffffffffffffffff7f'],
    ['an int53 below −2^53', '2880808080808080808001'],
    ['an sfixed53 above 2^53', '31ffffffffffffff7f'],
    ['bytes too long', '3a09010203040506070809'],
    ['a length beyond the message', '3a08010203'],
    ['a length of 2^63', '3affffffffffffffff7f'],
    ['a length that 32 bits would wrap', '3a8080808010'],
    ['text that is not UTF-8', '5201ff'],
    ['text too long', '5209414141414141414141'],
    ['an amount of 17 bytes', `5a11${'01'.repeat(17)}`],
    ['a bool of 2', 'c00c02'],
    ['fixed bytes too short', '4a03010203'],
    ['a number twice', '08010801'],
    ['a zero twice', '08000800'],
    ['bytes twice', '3a01013a0101'],
    ['text twice, first empty', '5200520141'],
    ['a message twice', '62006200'],
    ['an optional message twice', '6a006a00'],
    ['five numbers where four may be', '7a050102030405'],
    ['five numbers in two lists', '7a03010203' + '7a020405'],
    ['four texts where three may be', '820100'.repeat(4)],
    ['four messages where three may be', '8a0100'.repeat(4)],
    ['another wire type', '0a00'],
    ['a group', '0b'],
    ['the end of a group', '0c'],
    ['wire type 6', '0e'],
    ['field number 0', '00'],
    ['a tag of more than 32 bits', '80808080801000'],
    ['a tag that is cut off', '80'],
    ['a needlessly long number', '088100'],
    ['an inner message cut off', '620308'],
    ['an inner field longer than its message', '6203120541'],
  ])('%s', (_, hex) => {
    expect(codeOf(() => All.decode(fromHex(base + hex)))).toBe('PARSE');
  });

  test('fixed bytes must be there', () => {
    expect(codeOf(() => All.decode(new Uint8Array(0)))).toBe('PARSE');
  });

  test('nesting ends at twelve', () => {
    const nest = (depth: number): proto.Message<{ inner?: unknown }> =>
      message('Nest', depth === 0 ? { inner: [1, optional(uint32())] } : { inner: [1, optional(embedded(nest(depth - 1)))] });
    const written = (depth: number) => {
      let raw = new Uint8Array(0);
      for (let i = 0; i < depth; i++) raw = Uint8Array.from(concat(Uint8Array.of(10), uvarint(raw.length), raw));
      return raw;
    };
    expect(codeOf(() => nest(20).decode(written(12)))).toBe('none');
    expect(codeOf(() => nest(20).decode(written(13)))).toBe('PARSE');
  });
});

describe('bounds when writing', () => {
  const value = All.decode(fromHex('4a0401020304'));
  test.each<[string, Partial<Record<keyof All, unknown>>]>([
    ['a number above its bound', { small: 1_001 }],
    ['a negative number', { small: -1 }],
    ['a fraction', { height: 0.5 }],
    ['a number that is not exact', { height: 2 ** 53 }],
    ['NaN', { time: Number.NaN }],
    ['a uint64 too large', { wide: 1n << 64n }],
    ['an int64 too large', { signed: 1n << 63n }],
    ['a fraction as sfixed64', { fixed: 0.5 }],
    ['an sfixed64 too large', { fixed: 2 ** 60 }],
    ['bytes too long', { data: new Uint8Array(9) }],
    ['fixed bytes too short', { hash: new Uint8Array(3) }],
    ['text too long in bytes', { text: 'äöüäö' }],
    ['an amount too large', { amount: 1n << 128n }],
    ['a negative amount', { amount: -1n }],
    ['too many numbers', { numbers: [1, 2, 3, 4, 5] }],
    ['too many texts', { texts: ['', '', '', ''] }],
    ['too many messages', { inners: new Array(4).fill({ a: 0, text: '' }) }],
    ['a missing field', { text: undefined }],
  ])('%s', (_, change) => {
    expect(codeOf(() => All.encode({ ...value, ...change } as All))).toMatch(/^(INVALID_ARGUMENT|PARSE)$/);
  });
});

describe('unknown fields', () => {
  test.each([
    ['a number', '07'],
    ['eight bytes', '1122334455667788', 1],
    ['bytes', '03aabbcc', 2],
    ['four bytes', '11223344', 5],
  ])('%s is skipped by decode and refused by decodeCanonical', (_, payload, wire = 0) => {
    const raw = concat(fromHex('4a0401020304'), uvarint(21 * 8 + wire), fromHex(payload));
    expect(All.decode(raw)).toEqual(All.decode(fromHex('4a0401020304')));
    expect(codeOf(() => All.decodeCanonical(raw))).toBe('NOT_CANONICAL');
    expect(codeOf(() => All.decode(raw.subarray(0, -1)))).toBe('PARSE');
  });
});

test('unknown fields are skipped, as many as a newer peer may add', () => {
  const One = message('One', { a: [1, uint32()], inner: [2, optional(embedded(Inner))] });
  for (const field of ['7801', '790102030405060708', '7d01020304', '7a020000']) {
    expect(One.decode(fromHex(`0805${field.repeat(64)}`)).a).toBe(5);
    expect(codeOf(() => One.decode(fromHex(field.repeat(65))))).toBe('PARSE');
    expect(codeOf(() => One.decodeCanonical(fromHex(field)))).toBe('NOT_CANONICAL');
  }
  for (const group of ['7b00', '7c00', '7e00', '7f00']) expect(codeOf(() => One.decode(fromHex(group)))).toBe('PARSE');
  const tag = (number: number) => concat(uvarint(8 * number), Uint8Array.of(1));
  expect(codeOf(() => One.decode(tag(2 ** 29 - 1)))).toBe('none');
  for (const number of [0, 2 ** 29, 2 ** 32 + 1]) expect(codeOf(() => One.decode(tag(number)))).toBe('PARSE');
});

test('fields are written by number, however they are described', () => {
  const Turned = message('Turned', { late: [3, uint32()], early: [1, uint32()] });
  expect(toHex(Turned.encode({ late: 2, early: 1 }))).toBe('08011802');
});

describe('what is not canonical', () => {
  const Two = message('Two', {
    a: [1, uint32()],
    b: [2, uint32()],
    list: [3, repeated(uint32(), 4)],
    inner: [4, optional(embedded(Inner))],
    amount: [5, uint128()],
  });
  test.each([
    ['fields out of order', '10010801'],
    ['a zero that is written', '0800'],
    ['an empty list that is written', '1a00'],
    ['a list in two pieces', '1a01011a0102'],
    ['an inner zero that is written', '22020800'],
    ['an amount with a leading zero', '2a020001'],
    ['a zero amount that is written', '2a00'],
  ])('%s', (_, hex) => {
    expect(codeOf(() => Two.decode(fromHex(hex)))).toBe('none');
    expect(codeOf(() => Two.decodeCanonical(fromHex(hex)))).toBe('NOT_CANONICAL');
  });
});

test('a field number cannot be used twice', () => {
  expect(codeOf(() => message('Twice', { a: [1, uint32()], b: [1, uint32()] }))).toBe('INTERNAL');
});
