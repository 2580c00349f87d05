import type { Reader, WireType } from './reader.ts';
import type { Writer } from './writer.ts';

/** What one field holds. `write` writes the payload without the tag; a field whose value `isZero` is not written. */
export interface FieldType<T> {
  readonly wire: WireType;
  readonly repeated?: 'packed' | 'each';
  /** Of a list whose values come one field each: one of them. */
  readonly item?: FieldType<unknown>;
  zero(name: string): T;
  isZero(value: T): boolean;
  /** Bounds of the whole, for a type that is written piece by piece. */
  check?(value: T, name: string): void;
  write(writer: Writer, value: T, name: string): void;
  /** @param previous what a repeated field holds so far */
  read(reader: Reader, name: string, previous: T | undefined): T;
}

export const OPTIONAL = Symbol('optional');
export function isOptional(type: FieldType<unknown>): boolean {
  return OPTIONAL in type;
}
