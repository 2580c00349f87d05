import type { Reader, WireType } from './reader.ts';

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

export const OPTIONAL = Symbol('optional');
export function isOptional(type: FieldType<unknown>): boolean {
  return OPTIONAL in type;
}
