import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, PerigeeError, toHex } from '../src/index.ts';
import { SAMPLES } from './samples.ts';

const FILE = new URL('../../../tests/vectors/wire.json', import.meta.url);

/** Set when a message is added: an existing line never changes, because peers of other versions speak it. */
if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
  const lines = Object.entries(SAMPLES).map(([name, { message, value }]) => [name, toHex(message.encode(value))]);
  writeFileSync(FILE, `${JSON.stringify({ version: 1, messages: Object.fromEntries(lines) }, null, 2)}\n`);
}

const stored: Record<string, string> = JSON.parse(readFileSync(FILE, 'utf8')).messages;

describe('stored bytes of every message', () => {
  it('covers the same messages as the samples', () => {
    expect(Object.keys(stored).sort()).toEqual(Object.keys(SAMPLES).sort());
  });

  for (const [name, { message, value }] of Object.entries(SAMPLES)) {
    it(`${name} is written and read as it always was`, () => {
      const bytes = fromHex(stored[name] ?? '');
      expect(toHex(message.encode(value))).toBe(stored[name]);
      expect(message.decodeCanonical(bytes)).toEqual(value);
    });

    it(`${name} cut off anywhere is refused or read as something shorter, never a crash`, () => {
      const bytes = fromHex(stored[name] ?? '');
      for (let length = 0; length < bytes.length; length++) {
        try {
          message.decode(bytes.subarray(0, length));
        } catch (error) {
          expect(error).toBeInstanceOf(PerigeeError);
          expect((error as PerigeeError).code).toBe('PARSE');
        }
      }
    });

    it(`${name} with an unknown field is read leniently and refused as canonical`, () => {
      const more = Uint8Array.from([...fromHex(stored[name] ?? ''), 0xf8, 0x3f, 1]); // field 1023, varint 1
      expect(message.decode(more)).toEqual(value);
      expect(() => message.decodeCanonical(more)).toThrow(expect.objectContaining({ code: 'NOT_CANONICAL' }));
    });
  }
});
