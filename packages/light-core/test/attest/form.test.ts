import {
  concat,
  MAX_ATTESTATION_JSON_DEPTH,
  MAX_ATTESTATION_JSON_NAMES,
  MAX_ATTESTATION_JSON_TOKENS,
  MAX_DER_DEPTH,
  MAX_DER_ELEMENTS,
  PerigeeError,
  toBase64,
  utf8,
} from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { children, readDer, sequence } from '../../src/attest/der.ts';
import { bitBytesOf, booleanOf, flagsOf, oidOf, smallOf, timeOf, unsignedOf } from '../../src/attest/der-values.ts';
import { readJsonMembers } from '../../src/attest/json-slice.ts';
import { readPem } from '../../src/attest/pem.ts';
import { secondsOf } from '../../src/attest/time.ts';

/** The code of a refusal; anything else that is thrown is a fault of the reader. */
function codeOf(run: () => unknown): unknown {
  try {
    run();
    return 'none';
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'ATTESTATION') return error.data?.check;
    throw error;
  }
}

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('DER', () => {
  test.each([
    ['empty', '', 'DER'],
    ['a tag alone', '30', 'DER'],
    ['an indefinite length', '30 80 00 00', 'DER'],
    ['a length in two bytes that fits one', '04 81 01 00', 'DER'],
    ['a length in three bytes that fits two', `04 82 00 80 ${'00'.repeat(128)}`, 'DER'],
    ['a length of four bytes', '04 84 00 00 00 01 00', 'DER'],
    ['a length that is cut off', '04 82 01', 'DER'],
    ['an end within', '04 02 00', 'DER'],
    ['something behind', '05 00 00', 'TRAILING_BYTES'],
    ['a high tag number', '1f 01 00', 'DER'],
    ['tag 0', '00 00', 'DER'],
  ])('%s: refused', (_, text, code) => {
    expect(codeOf(() => readDer(hex(text)))).toBe(code);
  });

  test('a child may not go beyond its parent', () => {
    expect(codeOf(() => sequence(readDer(hex('30 03 04 02 00'))))).toBe('DER');
    expect(codeOf(() => children(readDer(hex('04 00'))))).toBe('DER');
  });

  test('depth and number of elements are bounded, before anything else is done', () => {
    let deep: Uint8Array = bytes(0x05, 0);
    for (let i = 0; i < MAX_DER_DEPTH + 4; i++) deep = concat(bytes(0x30, deep.length), deep);
    const walk = (bytes: Uint8Array) => {
      for (let at = [readDer(bytes)]; at.length > 0; ) at = at.flatMap((one) => ((one.tag & 0x20) === 0 ? [] : children(one)));
    };
    expect(codeOf(() => walk(deep))).toBe('TOO_LARGE');
    const many = new Uint8Array(2 * MAX_DER_ELEMENTS + 2).map((_, i) => (i % 2 === 0 ? 0x05 : 0));
    const length = many.length;
    expect(codeOf(() => walk(concat(bytes(0x30, 0x83, length >> 16, (length >> 8) & 255, length & 255), many)))).toBe(
      'TOO_LARGE',
    );
  });

  test.each([
    ['integer', smallOf, '02 01 00', 0],
    ['integer', smallOf, '02 02 00 80', 128],
    ['integer', smallOf, '02 00', 'DER'],
    ['negative integer', smallOf, '02 01 80', 'DER'],
    ['integer with a zero too many', smallOf, '02 02 00 7f', 'DER'],
    ['integer above 2^48', smallOf, '02 08 01 00 00 00 00 00 00 00', 'DER'],
    ['number without bytes', (der: Parameters<typeof unsignedOf>[0]) => unsignedOf(der).length, '02 01 00', 0],
    ['true', booleanOf, '01 01 ff', true],
    ['another true', booleanOf, '01 01 01', 'DER'],
    ['oid', oidOf, '06 03 55 1d 13', '2.5.29.19'],
    ['oid of 2.999', oidOf, '06 02 88 37', '2.999'],
    ['oid with a leading zero', oidOf, '06 04 55 80 1d 13', 'DER'],
    ['oid cut off', oidOf, '06 02 55 9d', 'DER'],
    ['oid of nothing', oidOf, '06 00', 'DER'],
    ['oid without end', oidOf, `06 40 ${'ff'.repeat(63)} 7f`, 'DER'],
    ['bits', (der: Parameters<typeof bitBytesOf>[0]) => bitBytesOf(der).length, '03 03 00 01 02', 2],
    ['bits that end within a byte', bitBytesOf, '03 02 01 80', 'DER'],
    ['bits of nothing', bitBytesOf, '03 00', 'DER'],
    ['flags', flagsOf, '03 02 01 06', 0x0600],
    ['flags with unused ones set', flagsOf, '03 02 02 06', 'DER'],
    ['flags of nothing', flagsOf, '03 00', 'DER'],
  ] as const)('%s', (_, read, text, due) => {
    const run = () => (read as (der: ReturnType<typeof readDer>) => unknown)(readDer(hex(text)));
    if (due === 'DER') expect(codeOf(run)).toBe('DER');
    else expect(run()).toBe(due);
  });

  test.each([
    [0x17, '250619101603Z', '2025-06-19T10:16:03Z'],
    [0x17, '500101000000Z', '1950-01-01T00:00:00Z'],
    [0x17, '491231235959Z', '2049-12-31T23:59:59Z'],
    [0x18, '99991231235959Z', '9999-12-31T23:59:59Z'],
    [0x17, '250230000000Z', undefined],
    [0x17, '250101240000Z', undefined],
    [0x17, '2506191016Z', undefined],
    [0x17, '250619101603+0000', undefined],
    [0x17, '20250619101603Z', undefined],
    [0x18, '250619101603Z', undefined],
    [0x18, '20250619101603.5Z', undefined],
    [0x18, '20251319101603Z', undefined],
    [0x04, '250619101603Z', undefined],
  ])('time %i %s', (tag, text, due) => {
    const run = () => timeOf(readDer(concat(bytes(tag, text.length), utf8(text))));
    if (due === undefined) expect(codeOf(run)).toBe('DER');
    else expect(run()).toBe(Date.parse(due) / 1000);
  });
});

test('a time of collateral has one form', () => {
  expect(secondsOf('2025-06-19T10:16:03Z', 'JSON')).toBe(Date.parse('2025-06-19T10:16:03Z') / 1000);
  for (const text of [
    '',
    '2025-06-19',
    '2025-06-19T10:16:03',
    '2025-06-19T10:16:03.000Z',
    '2025-02-30T00:00:00Z',
    '2025-06-19T24:00:00Z',
    '2025-06-19 10:16:03Z',
    'the end',
  ]) {
    expect(
      codeOf(() => secondsOf(text, 'JSON')),
      text,
    ).toBe('JSON');
  }
});

describe('PEM', () => {
  const block = (der: Uint8Array) =>
    `-----BEGIN CERTIFICATE-----\n${toBase64(der).replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----`;
  const [one, two] = [new Uint8Array(100).fill(1), new Uint8Array(96).fill(2)];

  test('one form and no other', () => {
    for (const text of [`${block(one)}\n${block(two)}`, `${block(one)}${block(two)}\n`, `${block(one)}\n${block(two)}\n\0`]) {
      expect(readPem(utf8(text))).toEqual([one, two]);
    }
    expect(readPem(utf8(''))).toEqual([]);
    for (const text of [
      ' ',
      '\0',
      `\n${block(one)}`,
      `${block(one)}\n\n${block(two)}`,
      `${block(one)}\n\0\0`,
      `${block(one)}\n\0${block(two)}`,
      `${block(one)}\nmore`,
      block(one).replaceAll('\n', '\r\n'),
      block(one).replace('AQ', 'A Q'),
      block(one).replace('-----END CERTIFICATE-----', ''),
      block(one).replaceAll('CERTIFICATE', 'X509 CRL'),
      `-----BEGIN CERTIFICATE-----\n${toBase64(one)}\n-----END CERTIFICATE-----`, // one long line
      '-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----',
      '-----BEGIN CERTIFICATE-----\nAAB=\n-----END CERTIFICATE-----', // a bit that stands for nothing
    ]) {
      expect(
        codeOf(() => readPem(utf8(text))),
        JSON.stringify(text),
      ).toBe('PEM');
    }
    expect(codeOf(() => readPem(bytes(0xff)))).toBe('PEM');
  });

  test('neither blocks nor bytes without end', () => {
    expect(codeOf(() => readPem(utf8(`${block(two)}\n`.repeat(7))))).toBe('CHAIN_LENGTH');
    expect(codeOf(() => readPem(new Uint8Array(1 << 20)))).toBe('TOO_LARGE');
  });
});

/** Whether no name in a value is written with an escape. */
function hasPlainNames(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, one]) => !JSON.stringify(name).includes('\\') && hasPlainNames(one));
}

describe('JSON', () => {
  const text = new TextDecoder();

  test('members are cut out byte by byte', () => {
    const value = fc.jsonValue({ maxDepth: 4 });
    const name = fc.string().filter((one) => !JSON.stringify(one).includes('\\'));
    const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 6 }),
        space,
        fc.boolean(),
        (members, gap, isPretty) => {
          const write = (one: unknown) => (isPretty ? JSON.stringify(one, null, 2) : JSON.stringify(one));
          fc.pre(members.every(([, one]) => hasPlainNames(one))); // names with escapes are refused, also inside
          const parts = members.map(([key, one]) => `${gap}${JSON.stringify(key)}${gap}:${gap}${write(one)}${gap}`);
          const read = readJsonMembers(utf8(`${gap}{${parts.join(',') || gap}}${gap}`));
          expect([...read.keys()]).toEqual(members.map(([key]) => key));
          for (const [key, one] of members) {
            expect(text.decode(read.get(key)?.bytes)).toBe(write(one));
            expect(read.get(key)?.value).toEqual(JSON.parse(write(one)));
          }
        },
      ),
      { numRuns: process.env.PERIGEE_LONG === '1' ? 20_000 : 300 },
    );
  });

  test.each([
    ['a name twice', '{"a":1,"a":1}', 'JSON'],
    ['a name twice, deep', '{"a":[{"b":1,"c":2,"b":3}]}', 'JSON'],
    ['a name with an escape', '{"\\u0061":1}', 'JSON'],
    ['a name with an escape, deep', '{"a":{"\\n":1}}', 'JSON'],
    ['no JSON', '{"a":1,}', 'JSON'],
    ['a comment', '{"a":1/**/}', 'JSON'],
    ['a single quote', "{'a':1}", 'JSON'],
    ['a leading zero', '{"a":01}', 'JSON'],
    ['two values', '{}{}', 'JSON'],
    ['a byte order mark', '\ufeff{}', 'JSON'],
    ['nothing', '', 'JSON'],
    ['too deep', `{"a":${'['.repeat(MAX_ATTESTATION_JSON_DEPTH)}${']'.repeat(MAX_ATTESTATION_JSON_DEPTH)}}`, 'TOO_LARGE'],
    ['too many values', `{"a":[${'0,'.repeat(MAX_ATTESTATION_JSON_TOKENS / 2)}0]}`, 'TOO_LARGE'],
    [
      'more names than an object may have',
      `{"a":{${Array.from({ length: MAX_ATTESTATION_JSON_NAMES + 1 }, (_, i) => `"${i}":1`)}}}`,
      'TOO_LARGE',
    ],
    ['brackets without end', '['.repeat(200_000), 'TOO_LARGE'],
    ['a string without end, of quotes', `"${'\\"'.repeat(100_000)}`, 'JSON'],
    ['too large', ' '.repeat(1 << 20), 'TOO_LARGE'],
  ])('%s: refused', (_, document, code) => {
    expect(codeOf(() => readJsonMembers(utf8(document)))).toBe(code);
  });

  test('as many names as an object may have are read', () => {
    const names = Array.from({ length: MAX_ATTESTATION_JSON_NAMES }, (_, i) => `n${i}`);
    const document = `{${names.map((name) => `"${name}":{}`)}}`;
    expect([...readJsonMembers(utf8(document)).keys()]).toEqual(names);
  });

  test('what is no object has no members', () => {
    for (const document of ['[]', '[{"a":1}]', '0', '"a"', 'null', 'true', '{}'])
      expect(readJsonMembers(utf8(document)).size).toBe(0);
    expect([...readJsonMembers(utf8('{"__proto__":{"a":1},"constructor":2}'))].map(([key, { value }]) => [key, value])).toEqual([
      ['__proto__', { a: 1 }],
      ['constructor', 2],
    ]);
  });
});
