import { PerigeeError } from '../error.ts';
import { type FieldType, isOptional } from './field.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** How deep messages may nest: bounds the recursion of the reader. */
const MAX_DEPTH = 12;
/** Unknown fields in one message: what a newer peer may add, and not a frame full of them that costs more to skip than to send. */
const MAX_UNKNOWN_FIELDS = 64;

/** One for all messages: none is written while another is, but within it. */
const writer = /* @__PURE__ */ new Writer();

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
  /** Bytes that `encode` gives, without making them. */
  lengthOf(value: T): number;
  /** @throws PARSE */
  decode(bytes: Uint8Array): T;
  /** @throws PARSE, NOT_CANONICAL */
  decodeCanonical(bytes: Uint8Array): T;
  /** @internal */
  readAt(reader: Reader): T;
  /** @internal */
  writeTo(writer: Writer, value: T): void;
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
    /** Name for error messages. */
    readonly path: string;
    readonly tag: number;
    readonly optional: boolean;
  }
  const entries: Entry[] = Object.entries(fields).map(([key, [number, type]]) => ({
    key,
    number,
    type,
    path: `${name}.${key}`,
    tag: number * 8 + type.wire,
    optional: isOptional(type),
  }));
  entries.sort((a, b) => a.number - b.number);
  const byNumber = new Map(entries.map((e) => [e.number, e]));
  if (byNumber.size !== entries.length) throw new PerigeeError('INTERNAL', `message ${name} uses a field number twice`);

  const self: Message<T> = {
    name,
    encode(value) {
      // a message within a field that makes its own bytes of it stands behind what is there
      const start = writer.at;
      try {
        self.writeTo(writer, value);
        return writer.take(start);
      } finally {
        writer.back(start);
      }
    },
    lengthOf(value) {
      const start = writer.at;
      try {
        self.writeTo(writer, value);
        return writer.at - start;
      } finally {
        writer.back(start);
      }
    },
    writeTo(out, value) {
      // by number: what a loop over values makes at each step is not always seen to be needless
      for (let i = 0; i < entries.length; i++) {
        const { key, type, path, tag, optional } = entries[i] as Entry;
        const held = (value as Record<string, unknown>)[key];
        if (held === undefined && !optional) throw new PerigeeError('INVALID_ARGUMENT', `${path} is missing`);
        if (type.isZero(held)) continue;
        if (type.item === undefined) {
          out.varint(tag);
          type.write(out, held, path);
          continue;
        }
        type.check?.(held, path);
        for (const item of held as unknown[]) {
          out.varint(tag);
          type.item.write(out, item, path);
        }
      }
    },
    decode(bytes) {
      return self.readAt(new Reader(bytes, 0, bytes.length, 0));
    },
    decodeCanonical(bytes) {
      const value = self.decode(bytes);
      if (!isEncodingOf(value, bytes)) {
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
        const tag = reader.length();
        const number = Math.floor(tag / 8);
        const wire = tag % 8;
        if (number === 0 || number > 0x1fffffff) throw new PerigeeError('PARSE', `${name} has field number ${number}`);
        const entry = byNumber.get(number);
        if (entry === undefined) {
          if (++unknown > MAX_UNKNOWN_FIELDS)
            throw new PerigeeError('PARSE', `${name} has more than ${MAX_UNKNOWN_FIELDS} unknown fields`);
          reader.skip(wire);
          continue;
        }
        const { path } = entry;
        if (wire !== entry.type.wire) throw new PerigeeError('PARSE', `${path} has wire type ${wire}, not ${entry.type.wire}`);
        const previous = out[entry.key];
        // proto3 would take the last, or merge them; nothing honest writes a field twice
        if (previous !== undefined && entry.type.repeated === undefined) throw new PerigeeError('PARSE', `${path} occurs twice`);
        out[entry.key] = entry.type.read(reader, path, previous);
      }
      for (let i = 0; i < entries.length; i++) {
        const { key, type, path, optional } = entries[i] as Entry;
        if (out[key] === undefined && !optional) out[key] = type.zero(path);
      }
      return out as T;
    },
  };
  function isEncodingOf(value: T, bytes: Uint8Array): boolean {
    const start = writer.at;
    try {
      self.writeTo(writer, value);
      // where it was written: a copy of more than a few bytes is memory that the collector must be told of
      return writer.holds(start, bytes);
    } finally {
      writer.back(start);
    }
  }
  return self;
}
