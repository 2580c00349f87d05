import type { Message } from '@perigee/wire';

/** A value in one form or both: bytes are made of what was written when somebody asks for them, and read once. */
export interface Entry {
  readonly key: Uint8Array;
  bytes: Uint8Array | undefined;
  /** What the bytes say, or will say. */
  decoded?: { readonly type: Message<never>; readonly value: unknown; readonly encode: () => Uint8Array };
}

export function bytesOf(entry: Entry): Uint8Array | undefined {
  entry.bytes ??= entry.decoded?.encode();
  return entry.bytes;
}

/** Read once. @throws PARSE */
export function messageOf<T>(entry: Entry, type: Message<T>): T | undefined {
  const known = entry.decoded;
  // of this very type: the one that `write` or `decode` of it gave
  if (known !== undefined && known.type === (type as Message<unknown>)) return known.value as T;
  const bytes = bytesOf(entry);
  if (bytes === undefined) return undefined;
  const value = type.decode(bytes);
  entry.decoded = { type: type as Message<never>, value, encode: () => bytes };
  return value;
}

/** Longest key that is spelt by its characters, which for short ones is faster than making a buffer. */
const SHORT = 64;

/** Text with a character for each byte: a key of maps. */
export function nameOf(key: Uint8Array): string {
  if (key.length <= SHORT) return String.fromCharCode.apply(undefined, key as unknown as number[]);
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
