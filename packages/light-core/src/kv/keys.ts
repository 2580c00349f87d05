/**
 * Keys of store `kv`. A stream and an account have a fixed length and stand before the key, so the entries of a stream lie side by side in the
 * order of their keys, and no key can reach into another stream: nothing needs to be escaped.
 */
import { concat, equal, u64be, utf8 } from '@perigee/wire';

const ENTRY = /* @__PURE__ */ utf8('e/');

/** Canonical `KvState`. */
export const KV_STATE_KEY = /* @__PURE__ */ utf8('state');

/** What all entries of a stream begin with, and no other key does. */
export function entryPrefix(stream: Uint8Array): Uint8Array {
  return concat(ENTRY, stream);
}

/** Canonical `KvEntry`. */
export function entryKey(stream: Uint8Array, key: Uint8Array): Uint8Array {
  return concat(ENTRY, stream, key);
}

/** The key within its stream; `undefined` for a key of the state that is no entry of this stream. */
export function keyOfEntry(stateKey: Uint8Array, stream: Uint8Array): Uint8Array | undefined {
  const prefix = entryPrefix(stream);
  if (stateKey.length <= prefix.length || !equal(stateKey.subarray(0, prefix.length), prefix)) return undefined;
  return stateKey.slice(prefix.length);
}

/** The stream and the key within it, of a key of the state that is an entry. */
export function streamKeyOf(stateKey: Uint8Array): { readonly stream: Uint8Array; readonly key: Uint8Array } | undefined {
  if (stateKey.length <= ENTRY.length + 32 || !equal(stateKey.subarray(0, ENTRY.length), ENTRY)) return undefined;
  return { stream: stateKey.slice(ENTRY.length, ENTRY.length + 32), key: stateKey.slice(ENTRY.length + 32) };
}

/** u64be, txSeq of the write that deleted the key: writes that were made before it still conflict. */
export function deletedKey(stream: Uint8Array, key: Uint8Array): Uint8Array {
  return concat(utf8('d/'), stream, key);
}

/** Canonical `KvStream`. */
export function streamKey(stream: Uint8Array): Uint8Array {
  return concat(utf8('s/'), stream);
}

/** Canonical `KvRights` of an account in a stream. */
export function rightsKey(stream: Uint8Array, account: Uint8Array): Uint8Array {
  return concat(utf8('a/'), stream, account);
}

/** One byte, where a key is special. */
export function specialKey(stream: Uint8Array, key: Uint8Array): Uint8Array {
  return concat(utf8('k/'), stream, key);
}

/** One byte, where an account is a writer of a special key. */
export function specialWriterKey(stream: Uint8Array, account: Uint8Array, key: Uint8Array): Uint8Array {
  return concat(utf8('w/'), stream, account, key);
}

/** Canonical `KvResult` of a write. */
export function resultKey(txSeq: number): Uint8Array {
  return concat(utf8('r/'), u64be(txSeq));
}
