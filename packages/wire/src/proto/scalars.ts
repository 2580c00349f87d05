/** Field types that hold one value: numbers, bytes, text. */
import { fromUtf8, utf8 } from '../bytes.ts';
import { PerigeeError } from '../error.ts';
import type { FieldType } from './field.ts';
import { FIXED64, LENGTH, VARINT } from './reader.ts';

function integer(value: bigint, low: bigint, high: bigint, name: string): bigint {
  if (value < low || value > high) throw new PerigeeError('PARSE', `${name} is ${value}; it must lie in ${low} to ${high}`);
  return value;
}

function whole(value: number, name: string): bigint {
  if (!Number.isSafeInteger(value)) throw new PerigeeError('INVALID_ARGUMENT', `${name} is ${value}, not a whole number`);
  return BigInt(value);
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

function safeNumber(low: bigint, high: bigint, signed: boolean): FieldType<number> {
  const most = Number(high);
  return {
    wire: VARINT,
    zero: () => 0,
    isZero: (value) => value === 0,
    write: (writer, value, name) =>
      // no bigint where none is needed
      writer.varint(
        value >= 0 && value <= most && Number.isInteger(value) ? value : integer(whole(value, name), low, high, name),
      ),
    read: (reader, name) => {
      const start = reader.at;
      const value = reader.length();
      if (value <= most) return value;
      reader.at = start;
      const raw = reader.varint();
      return Number(integer(signed ? BigInt.asIntN(64, raw) : raw, low, high, name));
    },
  };
}

/** uint32 or a smaller range, as a number. */
/* @__NO_SIDE_EFFECTS__ */
export function uint32(max = 0xffffffff): FieldType<number> {
  return safeNumber(0n, BigInt(max), false);
}

/** uint64 whose values stay below 2^53 (heights, counters, times), as a number. */
/* @__NO_SIDE_EFFECTS__ */
export function uint53(): FieldType<number> {
  return safeNumber(0n, SAFE, false);
}

/** int64 whose values stay within ±2^53, as a number. */
/* @__NO_SIDE_EFFECTS__ */
export function int53(): FieldType<number> {
  return safeNumber(-SAFE, SAFE, true);
}

function wideInteger(low: bigint, high: bigint, signed: boolean): FieldType<bigint> {
  return {
    wire: VARINT,
    zero: () => 0n,
    isZero: (value) => value === 0n,
    write: (writer, value, name) => writer.varint(integer(value, low, high, name)),
    read: (reader, name) => {
      const raw = reader.varint();
      return integer(signed ? BigInt.asIntN(64, raw) : raw, low, high, name);
    },
  };
}

/** uint64 as a bigint. */
/* @__NO_SIDE_EFFECTS__ */
export function uint64(): FieldType<bigint> {
  return wideInteger(0n, (1n << 64n) - 1n, false);
}

/** int64 as a bigint. */
/* @__NO_SIDE_EFFECTS__ */
export function int64(): FieldType<bigint> {
  return wideInteger(-(1n << 63n), (1n << 63n) - 1n, true);
}

/** sfixed64 whose values stay within ±2^53, as a number. */
/* @__NO_SIDE_EFFECTS__ */
export function sfixed53(): FieldType<number> {
  return {
    wire: FIXED64,
    zero: () => 0,
    isZero: (value) => value === 0,
    write: (writer, value, name) => {
      const out = new Uint8Array(8);
      new DataView(out.buffer).setBigInt64(0, integer(whole(value, name), -SAFE, SAFE, name), true);
      writer.raw(out);
    },
    read: (reader, name) => {
      const raw = reader.fixed(8);
      return Number(integer(new DataView(raw.buffer, raw.byteOffset, 8).getBigInt64(0, true), -SAFE, SAFE, name));
    },
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function bool(): FieldType<boolean> {
  return {
    wire: VARINT,
    zero: () => false,
    isZero: (value) => !value,
    write: (writer, value) => writer.varint(value ? 1 : 0),
    read: (reader, name) => integer(reader.varint(), 0n, 1n, name) === 1n,
  };
}

/** Up to `max` bytes. Read values are copies, so they do not keep a frame alive. */
/* @__NO_SIDE_EFFECTS__ */
export function bytes(max: number): FieldType<Uint8Array> {
  return delimited(
    (value) => value,
    (raw) => new Uint8Array(raw),
    max,
    (): Uint8Array => new Uint8Array(0),
    (value) => value.length === 0,
  );
}

/** Up to `max` bytes as a view on the frame: for payloads that are handed on at once. */
/* @__NO_SIDE_EFFECTS__ */
export function bytesView(max: number): FieldType<Uint8Array> {
  return delimited(
    (value) => value,
    (raw) => raw,
    max,
    (): Uint8Array => new Uint8Array(0),
    (value) => value.length === 0,
  );
}

/** Exactly `length` bytes; its absence is an error. */
/* @__NO_SIDE_EFFECTS__ */
export function fixedBytes(length: number): FieldType<Uint8Array> {
  const exact = (value: Uint8Array, name: string): Uint8Array => {
    if (value.length !== length) throw new PerigeeError('PARSE', `${name} has ${value.length} bytes, not ${length}`);
    return value;
  };
  return {
    wire: LENGTH,
    zero: (name) => exact(new Uint8Array(0), name),
    isZero: () => false,
    write: (writer, value, name) => {
      writer.varint(length);
      writer.raw(exact(value, name));
    },
    read: (reader, name) => new Uint8Array(exact(reader.delimited(length, name), name)),
  };
}

/** Text of up to `max` bytes of UTF-8. */
/* @__NO_SIDE_EFFECTS__ */
export function string(max: number): FieldType<string> {
  return delimited(
    utf8,
    fromUtf8,
    max,
    () => '',
    (value) => value === '',
  );
}

const UINT64_MAX = (1n << 64n) - 1n;
const UINT128_MAX = (1n << 128n) - 1n;
/** A number of 128 bits on its way: none is read or written while another is. */
const scratch = /* @__PURE__ */ new Uint8Array(16);
const halves = /* @__PURE__ */ new DataView(scratch.buffer);

/** An unsigned integer of up to 128 bits as minimal big-endian bytes: amounts of the native token. */
/* @__NO_SIDE_EFFECTS__ */
export function uint128(): FieldType<bigint> {
  return {
    wire: LENGTH,
    zero: () => 0n,
    isZero: (value) => value === 0n,
    write: (writer, value) => {
      integer(value, 0n, UINT128_MAX, 'amount');
      const wide = value > UINT64_MAX;
      halves.setBigUint64(0, wide ? value >> 64n : 0n);
      halves.setBigUint64(8, wide ? BigInt.asUintN(64, value) : value);
      let first = wide ? 0 : 8;
      while (first < 16 && scratch[first] === 0) first += 1;
      writer.varint(16 - first);
      writer.raw(scratch, first);
    },
    read: (reader, name) => {
      const raw = reader.delimited(16, name);
      scratch.fill(0);
      scratch.set(raw, 16 - raw.length);
      const low = halves.getBigUint64(8);
      return raw.length <= 8 ? low : (halves.getBigUint64(0) << 64n) | low;
    },
  };
}

function delimited<T>(
  toBytes: (value: T) => Uint8Array,
  fromBytes: (raw: Uint8Array) => T,
  max: number,
  zero: () => T,
  isZero: (value: T) => boolean,
): FieldType<T> {
  return {
    wire: LENGTH,
    zero,
    isZero,
    write: (writer, value, name) => {
      const raw = toBytes(value);
      if (raw.length > max)
        throw new PerigeeError('INVALID_ARGUMENT', `${name} has ${raw.length} bytes; at most ${max} are allowed`);
      writer.varint(raw.length);
      writer.raw(raw);
    },
    read: (reader, name) => fromBytes(reader.delimited(max, name)),
  };
}
