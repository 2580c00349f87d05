/**
 * Protocol Buffers (proto3) as data: a message is described once, with its bounds, and read and written from that description.
 * Bounds are part of the description, so nothing from a peer is allocated before it is known to be small enough.
 *
 * Everything here is marked free of side effects, so that a bundle holds only the messages that it uses.
 *
 * Two ways to read: `decode` skips unknown fields (gossip, answers of newer peers); `decodeCanonical` accepts only the bytes that
 * `encode` would write (transactions, everything that is hashed or signed).
 */
import { concat, equal, fromUtf8, utf8 } from './bytes.ts';
import { PerigeeError } from './error.ts';
import { readUvarint, uvarint } from './varint.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;
type WireType = typeof VARINT | typeof FIXED64 | typeof LENGTH | typeof FIXED32;

/** How deep messages may nest: bounds the recursion of the reader. */
const MAX_DEPTH = 12;
/** Unknown fields in one message: what a newer peer may add, and not a frame full of them that costs more to skip than to send. */
const MAX_UNKNOWN_FIELDS = 64;

class Reader {
  at: number;
  constructor(
    readonly bytes: Uint8Array,
    start: number,
    readonly end: number,
    readonly depth: number,
  ) {
    this.at = start;
  }

  varint(): bigint {
    const { value, end } = readUvarint(this.bytes, this.at);
    this.move(end);
    return value;
  }

  /** Bytes of a length-delimited field, as a view; refused before anything is copied when longer than `max`. */
  delimited(max: number, what: string): Uint8Array {
    const length = this.varint();
    if (length > BigInt(max)) throw new PerigeeError('PARSE', `${what} has ${length} bytes; at most ${max} are allowed`);
    const start = this.at;
    this.move(start + Number(length));
    return this.bytes.subarray(start, this.at);
  }

  fixed(size: 4 | 8): Uint8Array {
    const start = this.at;
    this.move(start + size);
    return this.bytes.subarray(start, this.at);
  }

  skip(wire: number): void {
    if (wire === VARINT) this.varint();
    else if (wire === FIXED64) this.fixed(8);
    else if (wire === FIXED32) this.fixed(4);
    else if (wire === LENGTH) this.delimited(this.end - this.at, 'unknown field');
    else throw new PerigeeError('PARSE', `wire type ${wire} at byte ${this.at} is not in use`);
  }

  private move(to: number): void {
    if (to > this.end)
      throw new PerigeeError('PARSE', `message is cut off at byte ${this.end}; ${to - this.end} more bytes were announced`);
    this.at = to;
  }
}

/** What one field holds. `write` gives the payload without the tag; a field whose value `isZero` is not written. */
export interface FieldType<T> {
  readonly wire: WireType;
  readonly repeated?: 'packed' | 'each';
  zero(name: string): T;
  isZero(value: T): boolean;
  /** Bounds of the whole, for a type that is written piece by piece. */
  check?(value: T, name: string): void;
  write(value: T, name: string): Uint8Array;
  /** @param previous what a repeated field holds so far */
  read(reader: Reader, name: string, previous: T | undefined): T;
}

type Fields = { readonly [name: string]: readonly [number: number, type: FieldType<unknown>] };
type ValueOf<F> = F extends readonly [number, FieldType<infer T>] ? T : never;
type OptionalKeys<F extends Fields> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never }[keyof F];
type MessageOf<F extends Fields> = { [K in Exclude<keyof F, OptionalKeys<F>>]: ValueOf<F[K]> } & {
  [K in OptionalKeys<F>]?: ValueOf<F[K]>;
};
type Flat<T> = { [K in keyof T]: T[K] };

/** A described message type. `Infer<typeof X>` is its TypeScript type. */
export interface Message<T> {
  readonly name: string;
  encode(value: T): Uint8Array;
  /** @throws PARSE */
  decode(bytes: Uint8Array): T;
  /** @throws PARSE, NOT_CANONICAL */
  decodeCanonical(bytes: Uint8Array): T;
  /** @internal */
  readAt(reader: Reader): T;
}

export type Infer<M> = M extends Message<infer T> ? T : never;

/**
 * Describe a message.
 *
 * @param name the type's name, for error messages
 * @param fields name of each field → [field number, type]
 */
/* @__NO_SIDE_EFFECTS__ */
export function message<const F extends Fields>(name: string, fields: F): Message<Flat<MessageOf<F>>> {
  type T = Flat<MessageOf<F>>;
  interface Entry {
    readonly key: string;
    readonly number: number;
    readonly type: FieldType<unknown>;
  }
  const entries: Entry[] = Object.entries(fields).map(([key, [number, type]]) => ({ key, number, type }));
  entries.sort((a, b) => a.number - b.number);
  const byNumber = new Map(entries.map((e) => [e.number, e]));
  if (byNumber.size !== entries.length) throw new PerigeeError('INTERNAL', `message ${name} uses a field number twice`);

  const self: Message<T> = {
    name,
    encode(value) {
      const parts: Uint8Array[] = [];
      for (const { key, number, type } of entries) {
        const held = (value as Record<string, unknown>)[key];
        const path = `${name}.${key}`;
        if (held === undefined && !isOptional(type)) throw new PerigeeError('INVALID_ARGUMENT', `${path} is missing`);
        if (type.isZero(held)) continue;
        if (type.repeated === 'each') {
          type.check?.(held, path);
          for (const item of held as unknown[]) parts.push(uvarint(number * 8 + type.wire), type.write([item], path));
        } else parts.push(uvarint(number * 8 + type.wire), type.write(held, path));
      }
      return concat(...parts);
    },
    decode(bytes) {
      return self.readAt(new Reader(bytes, 0, bytes.length, 0));
    },
    decodeCanonical(bytes) {
      const value = self.decode(bytes);
      if (!equal(self.encode(value), bytes)) {
        throw new PerigeeError(
          'NOT_CANONICAL',
          `${name} of ${bytes.length} bytes is not in canonical form: unknown, repeated, unordered or default fields`,
        );
      }
      return value;
    },
    readAt(reader) {
      if (reader.depth > MAX_DEPTH) throw new PerigeeError('PARSE', `${name} is nested more than ${MAX_DEPTH} deep`);
      const out: Record<string, unknown> = {};
      let unknown = 0;
      while (reader.at < reader.end) {
        const tag = reader.varint();
        const number = Number(tag >> 3n);
        const wire = Number(tag & 7n);
        if (number === 0 || tag >> 3n > 0x1fffffffn) throw new PerigeeError('PARSE', `${name} has field number ${tag >> 3n}`);
        const entry = byNumber.get(number);
        if (entry === undefined) {
          if (++unknown > MAX_UNKNOWN_FIELDS)
            throw new PerigeeError('PARSE', `${name} has more than ${MAX_UNKNOWN_FIELDS} unknown fields`);
          reader.skip(wire);
          continue;
        }
        const path = `${name}.${entry.key}`;
        if (wire !== entry.type.wire) throw new PerigeeError('PARSE', `${path} has wire type ${wire}, not ${entry.type.wire}`);
        const previous = out[entry.key];
        // proto3 would take the last, or merge them; nothing honest writes a field twice
        if (previous !== undefined && entry.type.repeated === undefined) throw new PerigeeError('PARSE', `${path} occurs twice`);
        out[entry.key] = entry.type.read(reader, path, previous);
      }
      for (const { key, type } of entries) {
        if (out[key] === undefined && !isOptional(type)) out[key] = type.zero(`${name}.${key}`);
      }
      return out as T;
    },
  };
  return self;
}

const OPTIONAL = Symbol('optional');
function isOptional(type: FieldType<unknown>): boolean {
  return OPTIONAL in type;
}

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
  return {
    wire: VARINT,
    zero: () => 0,
    isZero: (value) => value === 0,
    write: (value, name) => uvarint(integer(whole(value, name), low, high, name)),
    read: (reader, name) => {
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
    write: (value, name) => uvarint(integer(value, low, high, name)),
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
    write: (value, name) => {
      const out = new Uint8Array(8);
      new DataView(out.buffer).setBigInt64(0, integer(whole(value, name), -SAFE, SAFE, name), true);
      return out;
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
    write: (value) => uvarint(value ? 1 : 0),
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
    write: (value, name) => concat(uvarint(length), exact(value, name)),
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

/** An unsigned integer of up to 128 bits as minimal big-endian bytes: amounts of the native token. */
/* @__NO_SIDE_EFFECTS__ */
export function uint128(): FieldType<bigint> {
  return delimited(
    (value) => {
      integer(value, 0n, (1n << 128n) - 1n, 'amount');
      const hex = value.toString(16);
      const even = hex.length % 2 === 0 ? hex : `0${hex}`;
      return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    },
    (raw) => {
      let value = 0n;
      for (const byte of raw) value = (value << 8n) | BigInt(byte);
      return value;
    },
    16,
    () => 0n,
    (value) => value === 0n,
  );
}

/** A message that is always written, even when empty (gogoproto `nullable = false`); absent reads as its zero. */
/* @__NO_SIDE_EFFECTS__ */
export function embedded<T>(type: Message<T>, max = Number.MAX_SAFE_INTEGER): FieldType<T> {
  return {
    wire: LENGTH,
    zero: () => type.decode(new Uint8Array(0)),
    isZero: () => false,
    write: (value) => {
      const raw = type.encode(value);
      return concat(uvarint(raw.length), raw);
    },
    read: (reader, name) => {
      const raw = reader.delimited(Math.min(max, reader.end - reader.at), name);
      return type.readAt(new Reader(raw, 0, raw.length, reader.depth + 1));
    },
  };
}

/** A value that may be absent. */
/* @__NO_SIDE_EFFECTS__ */
export function optional<T>(type: FieldType<T>): FieldType<T | undefined> {
  const wrapped: FieldType<T | undefined> = {
    wire: type.wire,
    zero: () => undefined,
    isZero: (value) => value === undefined,
    write: (value, name) => type.write(value as T, name),
    read: (reader, name) => type.read(reader, name, undefined),
  };
  return Object.assign(wrapped, { [OPTIONAL]: true });
}

/**
 * At most `max` values. Numbers are packed, as proto3 has it; messages, bytes and text come one field each.
 */
/* @__NO_SIDE_EFFECTS__ */
export function repeated<T>(type: FieldType<T>, max: number): FieldType<readonly T[]> {
  const packed = type.wire !== LENGTH;
  const room = (list: readonly T[], name: string): void => {
    if (list.length >= max) throw new PerigeeError('PARSE', `${name} has more than ${max} entries`);
  };
  const few = (list: readonly T[], name: string): void => {
    if (list.length > max)
      throw new PerigeeError('INVALID_ARGUMENT', `${name} has ${list.length} entries; at most ${max} are allowed`);
  };
  return {
    wire: LENGTH,
    repeated: packed ? 'packed' : 'each',
    zero: () => [],
    isZero: (value) => value.length === 0,
    check: few,
    write: (value, name) => {
      few(value, name);
      if (!packed) return concat(...value.map((item) => type.write(item, name)));
      const raw = concat(...value.map((item) => type.write(item, name)));
      return concat(uvarint(raw.length), raw);
    },
    read: (reader, name, previous) => {
      const list = (previous as T[] | undefined) ?? [];
      if (!packed) {
        room(list, name);
        list.push(type.read(reader, name, undefined));
        return list;
      }
      const raw = reader.delimited(Math.min(10 * max, reader.end - reader.at), name);
      const inner = new Reader(raw, 0, raw.length, reader.depth);
      while (inner.at < inner.end) {
        room(list, name);
        list.push(type.read(inner, name, undefined));
      }
      return list;
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
    write: (value, name) => {
      const raw = toBytes(value);
      if (raw.length > max)
        throw new PerigeeError('INVALID_ARGUMENT', `${name} has ${raw.length} bytes; at most ${max} are allowed`);
      return concat(uvarint(raw.length), raw);
    },
    read: (reader, name) => fromBytes(reader.delimited(max, name)),
  };
}
