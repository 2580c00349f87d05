import { describe, expect, it } from 'vitest';
import { concat, uvarint } from '../src/index.ts';
import { Writer } from '../src/proto/writer.ts';

/** Bytes that tell where they stand. */
function counted(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i + from) % 251);
}

describe('a writer', () => {
  it('writes numbers as they are read, of both kinds and at every length', () => {
    const numbers: (number | bigint)[] = [0, 1, 127, 128, 16_383, 16_384, 0x7fffffff, 0x80000000, Number.MAX_SAFE_INTEGER];
    numbers.push(0n, 127n, 128n, 1n << 63n, (1n << 64n) - 1n);
    const writer = new Writer();
    for (const number of numbers) writer.varint(number);
    expect(writer.take(0)).toEqual(concat(...numbers.map((number) => uvarint(number))));
  });

  it('writes negative numbers as 64 bits in two’s complement', () => {
    const writer = new Writer();
    writer.varint(-1n);
    expect(writer.take(0)).toEqual(uvarint((1n << 64n) - 1n));
  });

  it.each([0, 1, 32, 33, 34, 4_095, 4_096, 4_097, 9_000])('writes %i bytes, all of them or from some on, and grows', (length) => {
    const writer = new Writer();
    const bytes = counted(length);
    writer.raw(bytes);
    expect(writer.at).toBe(length);
    if (length > 5) writer.raw(bytes, 5);
    expect(writer.take(0)).toEqual(concat(bytes, length > 5 ? bytes.subarray(5) : new Uint8Array(0)));
  });

  it.each([0, 1, 127, 128, 16_383, 16_384])('puts the length of %i bytes before them, whatever it takes', (length) => {
    const writer = new Writer();
    writer.raw(counted(4_000));
    const outer = writer.begin();
    const inner = writer.begin();
    writer.raw(counted(length));
    writer.end(inner);
    writer.raw(counted(3, 9));
    writer.end(outer);
    const within = concat(uvarint(length), counted(length), counted(3, 9));
    expect(writer.take(0)).toEqual(concat(counted(4_000), uvarint(within.length), within));
  });

  it('gives copies, and goes on where it was told to go back to', () => {
    const writer = new Writer();
    writer.raw(counted(10));
    const start = writer.at;
    writer.raw(counted(20, 50));
    const taken = writer.take(start);
    writer.back(start);
    writer.raw(counted(20, 90));
    expect(taken).toEqual(counted(20, 50));
    expect(writer.take(0)).toEqual(concat(counted(10), counted(20, 90)));
  });

  it('tells what it holds from what is shorter, longer or another', () => {
    const writer = new Writer();
    writer.raw(counted(3));
    writer.raw(counted(40, 7));
    expect(writer.holds(3, counted(40, 7))).toBe(true);
    expect(writer.holds(3, counted(39, 7))).toBe(false);
    expect(writer.holds(3, counted(41, 7))).toBe(false);
    expect(writer.holds(2, counted(40, 7))).toBe(false);
    expect(writer.holds(3, counted(40, 8))).toBe(false);
    expect(writer.holds(43, new Uint8Array(0))).toBe(true);
  });

  it('gives up what a large message took, when all is forgotten', () => {
    const writer = new Writer();
    writer.raw(counted(3));
    writer.raw(new Uint8Array(1 << 20));
    writer.back(3);
    expect(writer.bytes.length).toBeGreaterThan(1 << 20);
    expect(writer.take(0)).toEqual(counted(3));
    writer.back(0);
    expect(writer.bytes.length).toBe(4_096);
  });
});
