/** Every message of the package, against hostile bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../tests/kit/code-of.ts';
import * as wire from '../src/index.ts';

const messages = Object.entries<unknown>(wire).filter(
  (entry): entry is [string, wire.Message<unknown>] =>
    typeof entry[1] === 'object' && entry[1] !== null && 'decodeCanonical' in entry[1],
);
const RUNS = process.env.PERIGEE_LONG === '1' ? 20_000 : 300;

/** Bytes that look like protobuf: tags of low fields, small lengths, some noise. */
const protobufLike = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.integer({ min: 1, max: 16 }), fc.uint8Array({ maxLength: 40 }))
        .map(([field, body]) => [field * 8 + 2, body.length, ...body]),
      fc.tuple(fc.integer({ min: 1, max: 16 }), fc.nat(127)).map(([field, value]) => [(field * 8) & 127, value]),
      fc.uint8Array({ maxLength: 5 }).map((noise) => [...noise]),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

test('there are messages to look at', () => {
  expect(messages.length).toBeGreaterThan(40);
});

describe.each(messages)('%s', (_, type) => {
  test('hostile bytes give PARSE, or a value that is written and read alike', () => {
    fc.assert(
      fc.property(fc.oneof(protobufLike, fc.uint8Array({ maxLength: 200 })), (raw) => {
        const code = codeOf(() => type.decode(raw));
        expect(['none', 'PARSE']).toContain(code);
        if (code !== 'none') return;
        const value = type.decode(raw);
        expect(type.decodeCanonical(type.encode(value))).toEqual(value);
      }),
      { numRuns: RUNS },
    );
  });
});

test.each([0, 1, 127, 128, 20_000])('frames around a body of %i bytes come as parts that are the frame', (length) => {
  const body = new Uint8Array(length).fill(7);
  const cancel = false;
  expect(wire.concat(...wire.requestFrameParts(300, body))).toEqual(wire.RequestFrame.encode({ id: 300, body, cancel }));
  for (const last of [false, true]) {
    expect(wire.concat(...wire.answerFrameParts(300, last, body))).toEqual(wire.AnswerFrame.encode({ id: 300, last, body }));
  }
});
