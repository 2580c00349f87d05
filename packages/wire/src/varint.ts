import { PerigeeError } from './error.ts';

/** Longest varint of 64 bits, bytes. */
const MAX_VARINT_BYTES = 10;

/** Base-128 varint of the 64-bit two's complement of `value`. */
export function uvarint(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && value >= 0 && value <= 127) return Uint8Array.of(value);
  const out: number[] = [];
  if (typeof value === 'number' && value >= 0 && value <= 0x7fffffff) {
    let rest = value;
    for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128);
    out.push(rest);
    return Uint8Array.from(out);
  }
  if (typeof value === 'number' && value > 0 && Number.isSafeInteger(value)) {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
    out.push(rest);
    return Uint8Array.from(out);
  }
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
  return Uint8Array.from(out);
}

/** Zigzag varint, as Go's `encoding/binary.PutVarint` writes it (IAVL node fields). */
export function zigzag(value: number | bigint): Uint8Array {
  if (Number.isInteger(value) && value >= 0 && value <= 0x3fffffff) return uvarint(2 * Number(value));
  const wide = BigInt(value);
  return uvarint(BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n)));
}

/**
 * Read a minimal varint of at most 64 bits.
 *
 * @returns the value and the offset behind it
 * @throws PARSE when it is cut off, longer than 64 bits, or has a needless last byte
 */
export function readUvarint(bytes: Uint8Array, offset: number): { value: bigint; end: number } {
  const first = bytes[offset];
  if (first !== undefined && first < 128) return { value: BigInt(first), end: offset + 1 };
  let value = 0n;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[offset + i];
    if (byte === undefined) throw new PerigeeError('PARSE', `varint at byte ${offset} is cut off`);
    value |= BigInt(byte & 127) << BigInt(7 * i);
    if (byte < 128) {
      if (byte === 0 && i > 0) throw new PerigeeError('PARSE', `varint at byte ${offset} is longer than it needs to be`);
      if (value >= 1n << 64n) break;
      return { value, end: offset + i + 1 };
    }
  }
  throw new PerigeeError('PARSE', `varint at byte ${offset} exceeds 64 bits`);
}
