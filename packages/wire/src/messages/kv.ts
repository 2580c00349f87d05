/** Key-value streams: what a transaction writes, and what the state holds of it (docs/kv.md). */

import { MAX_RANGE_KEYS } from '../limits.ts';
import {
  MAX_KV_DATA_BYTES,
  MAX_KV_KEY_BYTES,
  MAX_KV_KEYS_PER_REQUEST,
  MAX_KV_RESULT_BYTES,
  MAX_KV_STREAMS,
  MAX_KV_VALUE_BYTES,
} from '../limits-kv.ts';
import {
  bool,
  bytes,
  embedded,
  fixedBytes,
  type Infer,
  message,
  optional,
  repeated,
  string,
  uint32,
  uint53,
  uint128,
} from '../proto/index.ts';
import { StateProof, StateRun } from './proof.ts';

/** Writes to streams at once: takes the next number of a submission, without a file. */
export const KvSet = message('KvSet', {
  /** Streams that the data writes to or controls, each once: what the tags of a file say. */
  streams: [1, repeated(fixedBytes(32), MAX_KV_STREAMS)],
  /** Stream data, as 0G's clients encode it. */
  data: [2, bytes(MAX_KV_DATA_BYTES)],
});
export type KvSet = Infer<typeof KvSet>;

/** Brings the bytes of a submitted file whose tags name streams, so that its write is done. Anyone may; the author of the submission pays. */
export const KvApply = message('KvApply', {
  txSeq: [1, uint53()],
  data: [2, bytes(MAX_KV_DATA_BYTES)],
});
export type KvApply = Infer<typeof KvApply>;

/** A value, under `e/<stream><key>` of store `kv`. */
export const KvEntry = message('KvEntry', {
  /** txSeq of the write. */
  version: [1, uint53()],
  /** Who wrote it, and gets the deposit back. */
  author: [2, fixedBytes(20)],
  deposit: [3, uint128()],
  value: [4, bytes(MAX_KV_VALUE_BYTES)],
});
export type KvEntry = Infer<typeof KvEntry>;

/** A stream that a submission has named, under `s/<stream>`. */
export const KvStream = message('KvStream', {
  /** Who signed it, and was made its first admin. */
  author: [1, fixedBytes(20)],
  txSeq: [2, uint53()],
});
export type KvStream = Infer<typeof KvStream>;

/** What an account may do in a stream, under `a/<stream><account>`; absent where it may do nothing. */
export const KvRights = message('KvRights', {
  admin: [1, bool()],
  writer: [2, bool()],
  /** Special keys that it is a writer of. */
  specialKeys: [3, uint53()],
});
export type KvRights = Infer<typeof KvRights>;

/** What became of a write, under `r/<u64be txSeq>`. */
export const KvResult = message('KvResult', {
  /** In 0G's words: `Commit`, or why nothing was written. */
  result: [1, string(MAX_KV_RESULT_BYTES)],
  /** Of the block that decided it. */
  height: [2, uint53()],
});
export type KvResult = Infer<typeof KvResult>;

/** Under `state` of store `kv`. */
export const KvState = message('KvState', {
  /** First submission that was not yet looked at for data that never came. */
  nextDue: [1, uint53()],
});
export type KvState = Infer<typeof KvState>;

/** A write to streams that a transaction made, in the data of its result. */
export const KvOutcome = message('KvOutcome', {
  /** Number of the message in the transaction. */
  message: [1, uint32()],
  txSeq: [2, uint53()],
  result: [3, string(MAX_KV_RESULT_BYTES)],
});
export type KvOutcome = Infer<typeof KvOutcome>;

const KvBound = message('KvBound', { key: [1, bytes(MAX_KV_KEY_BYTES)], inclusive: [2, bool()] });

/** Entries of a stream in the order of their keys; without a bound from its first, or to its last. */
export const KvScan = message('KvScan', {
  lower: [1, optional(embedded(KvBound))],
  upper: [2, optional(embedded(KvBound))],
  /** From the upper end down. */
  reverse: [3, bool()],
  /** Entries, at most; 1 for the next or the previous one. */
  limit: [4, uint32(MAX_RANGE_KEYS)],
});
export type KvScan = Infer<typeof KvScan>;

/** Changes of one key, or of all keys that begin with it; an empty prefix is the whole stream. */
export const KvWatch = message('KvWatch', {
  key: [1, bytes(MAX_KV_KEY_BYTES)],
  isPrefix: [2, bool()],
  /** Height up to which changes are known: those after it are told. 0 for those from now on. */
  since: [3, uint53()],
});
export type KvWatch = Infer<typeof KvWatch>;

/** Asks for entries of one stream; exactly one of the last three is set. Height 0: the latest that can be proved. */
export const KvRequest = message('KvRequest', {
  stream: [1, fixedBytes(32)],
  height: [2, uint53()],
  /** Keys whose values, or absence, are proved. */
  keys: [3, repeated(bytes(MAX_KV_KEY_BYTES), MAX_KV_KEYS_PER_REQUEST)],
  scan: [4, optional(embedded(KvScan))],
  watch: [5, optional(embedded(KvWatch))],
});
export type KvRequest = Infer<typeof KvRequest>;

/** What changed up to a height since the one before, each with its value or absence at that height. */
export const KvChanges = message('KvChanges', {
  height: [1, uint53()],
  proofs: [2, repeated(embedded(StateProof), MAX_KV_KEYS_PER_REQUEST)],
  /** More of this height follows: it counts as known when the last part has come. */
  more: [3, bool()],
});
export type KvChanges = Infer<typeof KvChanges>;

export const KvAnswer = message('KvAnswer', {
  /** One a key, in the order asked. */
  proofs: [1, repeated(embedded(StateProof), MAX_KV_KEYS_PER_REQUEST)],
  run: [2, optional(embedded(StateRun))],
  changes: [3, optional(embedded(KvChanges))],
});
export type KvAnswer = Infer<typeof KvAnswer>;

/** What a device keeps of a key that was proved: its value, or that it was absent. */
export const KvCached = message('KvCached', {
  stream: [1, fixedBytes(32)],
  key: [2, bytes(MAX_KV_KEY_BYTES)],
  /** Header under which it was proved, and its time, milliseconds since 1970. */
  height: [3, uint53()],
  timeMs: [4, uint53()],
  entry: [5, optional(embedded(KvEntry))],
});
export type KvCached = Infer<typeof KvCached>;
