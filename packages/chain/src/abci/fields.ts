/** Field types that only ABCI needs. */
import { PerigeeError, proto } from '@perigee/wire';

const lossy = new TextDecoder();

/**
 * Text as Go writes it: it need not be UTF-8, and a stranger's query must not break the connection. What is no character becomes U+FFFD.
 *
 * @param max bytes
 */
export function text(max: number): proto.FieldType<string> {
  return { ...proto.string(max), read: (reader, name) => lossy.decode(reader.delimited(max, name)) };
}

/**
 * An int64 or uint64 that strangers may choose, as a number: what is past ±2^53 becomes that bound. No block has such a height, and it is
 * for the application to say so.
 */
export function saturating(signed: boolean): proto.FieldType<number> {
  const exact = proto.int53();
  const bound = BigInt(Number.MAX_SAFE_INTEGER);
  return {
    ...exact,
    read: (reader) => {
      const raw = reader.varint();
      const value = signed ? BigInt.asIntN(64, raw) : raw;
      return Number(value > bound ? bound : value < -bound ? -bound : value);
    },
  };
}

/**
 * An enumeration, as the values that stand for its numbers. Number 0 must have a value where the field may be left out.
 *
 * @param values value and number of each
 */
export function enumeration<const T extends string | boolean>(
  values: readonly (readonly [value: T, number: number])[],
): proto.FieldType<T> {
  const number = proto.uint32();
  const meaning = (wanted: number, name: string): T => {
    const found = values.find(([, candidate]) => candidate === wanted);
    if (found === undefined) throw new PerigeeError('PARSE', `${name} is ${wanted}, which has no meaning here`);
    return found[0];
  };
  const numberFor = (wanted: T): number | undefined => values.find(([candidate]) => candidate === wanted)?.[1];
  return {
    wire: number.wire,
    zero: (name) => meaning(0, name),
    isZero: (value) => numberFor(value) === 0,
    write: (writer, value, name) => {
      const found = numberFor(value);
      if (found === undefined) throw new PerigeeError('INVALID_ARGUMENT', `${name} is "${value}", which has no number`);
      writer.varint(found);
    },
    read: (reader, name) => meaning(number.read(reader, name, undefined), name),
  };
}
