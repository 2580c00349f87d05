/** `kv_*` of 0G's KV node, over the streams of a chain: the same answers to the same questions, also to those that its clients ask wrongly. */
import {
  hasWritePermission,
  isAdmin,
  isSpecialKey,
  isWriterOfKey,
  isWriterOfStream,
  KV_STATE_KEY,
  type KvReader,
  resultKey,
  streamsOfTags,
} from '@perigee/light-core/kv';
import type { StateReads } from '@perigee/light-core/roles';
import { STORE, storedFileKey } from '@perigee/light-core/state';
import {
  KvResult,
  type KvScan,
  KvState,
  MAX_KV_LISTED_STREAMS,
  MAX_KV_PROGRESS_STEPS,
  MAX_RANGE_KEYS,
  StoredFile,
  toHex,
  utf8,
} from '@perigee/wire';
import { hashParam, numberParam } from '../params.ts';
import { invalidParam, RPC_CODE, RpcError } from '../rpc-error.ts';
import { accountParam, keyParam, versionParam, type Window, windowParam } from './params.ts';
import { StreamHistory, type Version } from './stream-history.ts';

export interface KvHandlerOptions {
  readonly state: StateReads;
}

export interface KvHandler {
  handles(method: string): boolean;
  /**
   * @param params as they came: a list
   * @throws RpcError, PerigeeError
   */
  call(method: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
}

/** A value, or a part of it, as clients read it. */
interface ValueSegment {
  readonly version: number;
  /** Base64. */
  readonly data: string;
  /** Of the whole value, bytes. */
  readonly size: number;
}

type Method = (params: readonly unknown[]) => unknown;

export function createKvHandler({ state }: KvHandlerOptions): KvHandler {
  const history = new StreamHistory(state);
  let applied = 0;

  const reader = (version: Version): KvReader => {
    const height = history.heightOf(version);
    return { get: (key) => (height === 0 ? undefined : state.valueAt(STORE.kv, key, height)) };
  };

  /** The first entry of a scan; where a version is named, the first that is not newer. */
  const entry = (stream: unknown, scan: Omit<KvScan, 'limit'>, window: Window, version: Version): unknown => {
    const limit = version === undefined ? 1 : MAX_RANGE_KEYS;
    const [first] = history.entries(hashParam(stream, 'stream_id'), { ...scan, limit }, version);
    return first === undefined ? null : { ...segmentOf(first.entry, window), key: base64(first.key) };
  };

  const methods: Readonly<Record<string, Method>> = {
    kv_getStatus: () => true,

    kv_getValue([stream, key, start, length, version]) {
      const window = windowParam(start, length);
      const found = history.value(hashParam(stream, 'stream_id'), keyParam(key), versionParam(version));
      return found === undefined ? { version: 0, data: '', size: 0 } : segmentOf(found, window);
    },

    kv_getNext([stream, key, start, length, inclusive, version]) {
      const lower = { key: keyParam(key), inclusive: flagParam(inclusive) };
      return entry(stream, { lower, reverse: false }, windowParam(start, length), versionParam(version));
    },

    kv_getPrev([stream, key, start, length, inclusive, version]) {
      const upper = { key: keyParam(key), inclusive: flagParam(inclusive) };
      return entry(stream, { upper, reverse: true }, windowParam(start, length), versionParam(version));
    },

    kv_getFirst: ([stream, start, length, version]) =>
      entry(stream, { reverse: false }, windowParam(start, length), versionParam(version)),

    kv_getLast: ([stream, start, length, version]) =>
      entry(stream, { reverse: true }, windowParam(start, length), versionParam(version)),

    kv_getTransactionResult([txSeq]) {
      const raw = state.valueAt(STORE.kv, resultKey(numberParam(txSeq, 'tx_seq')));
      return raw === undefined ? null : KvResult.decode(raw).result;
    },

    kv_getHoldingStreamIds: () => streamIds(state),

    kv_getReplayProgress() {
      applied = appliedSeq(state, history.submissions(), applied);
      return { appliedSeq: applied, firstTxSeq: 0 };
    },

    kv_hasWritePermission: ([account, stream, key, version]) =>
      hasWritePermission(reader(versionParam(version)), accountParam(account), hashParam(stream, 'stream_id'), keyParam(key)),

    kv_isAdmin: ([account, stream, version]) =>
      isAdmin(reader(versionParam(version)), accountParam(account), hashParam(stream, 'stream_id')),

    kv_isSpecialKey: ([stream, key, version]) =>
      isSpecialKey(reader(versionParam(version)), hashParam(stream, 'stream_id'), keyParam(key)),

    kv_isWriterOfKey: ([account, stream, key, version]) =>
      isWriterOfKey(reader(versionParam(version)), accountParam(account), hashParam(stream, 'stream_id'), keyParam(key)),

    kv_isWriterOfStream: ([account, stream, version]) =>
      isWriterOfStream(reader(versionParam(version)), accountParam(account), hashParam(stream, 'stream_id')),
  };
  // 0G's client asks for `kv_IsAdmin`
  const byName = new Map(Object.entries(methods).map(([name, method]) => [name.toLowerCase(), method]));
  const methodOf = (name: string): Method | undefined => (name.startsWith('kv_') ? byName.get(name.toLowerCase()) : undefined);

  return {
    handles: (method) => methodOf(method) !== undefined,
    async call(method, params, signal) {
      signal?.throwIfAborted();
      const run = methodOf(method);
      if (run === undefined)
        throw new RpcError(RPC_CODE.methodNotFound, 'Method not found', `there is no method ${method.slice(0, 80)}`);
      if (params !== undefined && params !== null && !Array.isArray(params)) throw invalidParam('params', 'they are a list');
      return run(params ?? []);
    },
  };
}

function segmentOf(
  { version, value }: { readonly version: number; readonly value: Uint8Array },
  { start, length }: Window,
): ValueSegment {
  const size = value.length;
  if (length > 0 && start > size) throw invalidParam('start_index', 'start index is greater than value length');
  return { version, data: base64(value.subarray(start, start + length)), size };
}

function flagParam(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null) return false;
  throw invalidParam('inclusive', 'it is true or false');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** Streams that a submission has named, in the order of their ids, as many as are listed. */
function streamIds(state: StateReads): string[] {
  const tag = utf8('s/');
  const upper = { key: utf8('s0'), inclusive: false };
  const streams: string[] = [];
  let lower = { key: tag, inclusive: false };
  while (streams.length < MAX_KV_LISTED_STREAMS) {
    const entries = state.rangeAt(STORE.kv, { lower, upper, reverse: false, limit: MAX_RANGE_KEYS });
    for (const { key } of entries) streams.push(`0x${toHex(key.subarray(tag.length))}`);
    const last = entries.at(-1);
    if (last === undefined || entries.length < MAX_RANGE_KEYS) break;
    lower = { key: last.key, inclusive: false };
  }
  return streams.slice(0, MAX_KV_LISTED_STREAMS);
}

/** First submission that writes to streams and is not decided, or how many there are. @param from all before it are known to be decided */
function appliedSeq(state: StateReads, submissions: number, from: number): number {
  const raw = state.valueAt(STORE.kv, KV_STATE_KEY);
  let next = Math.max(from, raw === undefined ? 0 : KvState.decode(raw).nextDue);
  const end = Math.min(submissions, next + MAX_KV_PROGRESS_STEPS);
  for (; next < end; next++) {
    if (state.valueAt(STORE.kv, resultKey(next)) !== undefined) continue;
    const file = state.valueAt(STORE.storage, storedFileKey(next));
    if (file !== undefined && streamsOfTags(StoredFile.decode(file).tags).length > 0) break;
  }
  return next;
}
