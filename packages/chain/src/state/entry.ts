import type { Message } from '@perigee/wire';

/** A value in one form or both: bytes are made of what was written when somebody asks for them, and read once. */
export interface Entry {
  readonly key: Uint8Array;
  /** Of an entry without type and bytes there is no value. */
  bytes: Uint8Array | undefined;
  /** What the bytes say, or will say, and as what. */
  type: Message<never> | undefined;
  value: unknown;
}

/** A value as bytes, or none. */
export function entryOf(key: Uint8Array, bytes: Uint8Array | undefined): Entry {
  return { key, bytes, type: undefined, value: undefined };
}

export function bytesOf(entry: Entry): Uint8Array | undefined {
  if (entry.bytes === undefined && entry.type !== undefined) entry.bytes = (entry.type as Message<unknown>).encode(entry.value);
  return entry.bytes;
}

/** Read once. @throws PARSE */
export function messageOf<T>(entry: Entry, type: Message<T>): T | undefined {
  // of this very type: the one that `write` or `decode` of it gave
  if (entry.type === (type as Message<unknown>)) return entry.value as T;
  const bytes = bytesOf(entry);
  if (bytes === undefined) return undefined;
  const value = type.decode(bytes);
  entry.type = type as Message<never>;
  entry.value = value;
  return value;
}

/** Longest key that is spelt by its characters, which for short ones is faster than making a buffer. */
const SHORT = 64;

/** Text with a character for each byte: a key of maps. */
export function nameOf(key: Uint8Array): string {
  if (key.length <= SHORT) return String.fromCharCode.apply(undefined, key as unknown as number[]);
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

/** A key with its name, for who asks for it more than once: making the name takes longer than finding it. */
export class StateKey {
  readonly name: string;

  constructor(readonly bytes: Uint8Array) {
    this.name = nameOf(bytes);
  }
}
