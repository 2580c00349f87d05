/** Field types that are made of others: messages, values that may be absent, lists. */
import { PerigeeError } from '../error.ts';
import { type FieldType, OPTIONAL } from './field.ts';
import type { Message } from './message.ts';
import { LENGTH, Reader } from './reader.ts';

/** A message that is always written, even when empty (gogoproto `nullable = false`); absent reads as its zero. */
/* @__NO_SIDE_EFFECTS__ */
export function embedded<T>(type: Message<T>, max = Number.MAX_SAFE_INTEGER): FieldType<T> {
  return {
    wire: LENGTH,
    zero: () => type.decode(new Uint8Array(0)),
    isZero: () => false,
    write: (writer, value) => {
      const start = writer.begin();
      type.writeTo(writer, value);
      writer.end(start);
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
    write: (writer, value, name) => type.write(writer, value as T, name),
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
    ...(packed ? {} : { item: type }),
    zero: () => [],
    isZero: (value) => value.length === 0,
    check: few,
    write: (writer, value, name) => {
      few(value, name);
      const start = writer.begin();
      for (const item of value) type.write(writer, item, name);
      writer.end(start);
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
