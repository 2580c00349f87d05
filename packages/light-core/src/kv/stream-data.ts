/**
 * Stream data, byte for byte as 0G's clients encode it. Big endian:
 *
 * u64 version | u32 count of (stream 32, u24 length, key) read | u32 count of (stream, u24 length, key, u64 length of value) written, then all
 * values | u32 count of (u8 operation, stream, [u24 length, key], [account 20])
 */
import {
  concat,
  concatAll,
  MAX_KV_ENTRIES,
  MAX_KV_KEY_BYTES,
  MAX_KV_VALUE_BYTES,
  PerigeeError,
  u8,
  u32be,
  u64be,
} from '@perigee/wire';
import { controlForm, KV_CONTROL, type KvControl } from './controls.ts';

/** A key of a stream. */
export interface KvKey {
  /** 32 bytes. */
  readonly stream: Uint8Array;
  /** 1 to 1,024 bytes. */
  readonly key: Uint8Array;
}

export interface KvWrite extends KvKey {
  /** Empty deletes. */
  readonly value: Uint8Array;
}

export interface StreamData {
  /** Nothing that is read or written may be newer than this txSeq; 64 bits. */
  readonly version: bigint;
  readonly reads: readonly KvKey[];
  readonly writes: readonly KvWrite[];
  readonly controls: readonly KvControl[];
}

/** A version that is never too old. */
export const LATEST_VERSION = (1n << 64n) - 1n;

const STREAM_BYTES = 32;
const ACCOUNT_BYTES = 20;
/** 0G's words for what cannot be read. */
const INVALID = 'Invalid stream data';
const TOO_LONG = 'Stream read/write/access_control list too long';

/** @throws STREAM_DATA when a part is over its bounds, or does not have the fields of its kind */
export function encodeStreamData({ version, reads, writes, controls }: StreamData): Uint8Array {
  for (const list of [reads, writes, controls]) if (list.length > MAX_KV_ENTRIES) throw refused(TOO_LONG);
  for (const { value } of writes)
    if (value.length > MAX_KV_VALUE_BYTES)
      throw refused(`a value has ${value.length} bytes; at most ${MAX_KV_VALUE_BYTES} are allowed`);
  return concatAll([
    u64be(version),
    u32be(reads.length),
    ...reads.map(keyBytes),
    u32be(writes.length),
    ...writes.map((write) => concat(keyBytes(write), u64be(write.value.length))),
    ...writes.map(({ value }) => value),
    u32be(controls.length),
    ...controls.map(controlBytes),
  ]);
}

function keyBytes({ stream, key }: KvKey): Uint8Array {
  return concat(streamBytes(stream), lengthAnd(key));
}

function streamBytes(stream: Uint8Array): Uint8Array {
  if (stream.length !== STREAM_BYTES) throw refused(`a stream has ${STREAM_BYTES} bytes, not ${stream.length}`);
  return stream;
}

function lengthAnd(key: Uint8Array): Uint8Array {
  if (key.length === 0 || key.length > MAX_KV_KEY_BYTES)
    throw refused(`a key has 1 to ${MAX_KV_KEY_BYTES} bytes, not ${key.length}`);
  return concat(u32be(key.length).subarray(1), key);
}

function controlBytes({ name, stream, key, account }: KvControl): Uint8Array {
  const number = KV_CONTROL[name];
  const form = controlForm(number);
  if (form === undefined || form.hasKey !== (key !== undefined) || form.hasAccount !== (account !== undefined)) {
    throw refused(`operation "${name}" does not have a key and an account as its kind does`);
  }
  if (account !== undefined && account.length !== ACCOUNT_BYTES)
    throw refused(`an account has ${ACCOUNT_BYTES} bytes, not ${account.length}`);
  return concat(
    u8(number),
    streamBytes(stream),
    key === undefined ? new Uint8Array(0) : lengthAnd(key),
    account ?? new Uint8Array(0),
  );
}

/**
 * Reads stream data part by part, in this order, as the rules of replay take it: what is wrong in a later part is not seen where an earlier one
 * decides already. Values are views.
 */
export class StreamDataReader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.length);
  }

  /** @throws STREAM_DATA, as all that follow */
  version(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  reads(): KvKey[] {
    return this.#list(() => this.#key());
  }

  writes(): KvWrite[] {
    const heads = this.#list(() => {
      const key = this.#key();
      return { ...key, length: this.#view.getBigUint64(this.#take(8)) };
    });
    return heads.map(({ length, ...key }) => {
      // compared before it becomes a number, and before anything is taken
      if (length > BigInt(this.#data.length - this.#at)) throw refused(INVALID);
      const at = this.#take(Number(length));
      if (length > BigInt(MAX_KV_VALUE_BYTES)) throw refused('value too large');
      return { ...key, value: this.#data.subarray(at, this.#at) };
    });
  }

  /** Nothing may follow. */
  controls(): KvControl[] {
    const controls = this.#list(() => this.#control());
    if (this.#at !== this.#data.length) throw refused(INVALID);
    return controls;
  }

  #control(): KvControl {
    const form = controlForm(this.#view.getUint8(this.#take(1)));
    if (form === undefined) throw refused(INVALID);
    const stream = this.#bytes(STREAM_BYTES);
    return {
      name: form.name,
      stream,
      ...(form.hasKey ? { key: this.#lengthAndKey() } : {}),
      ...(form.hasAccount ? { account: this.#bytes(ACCOUNT_BYTES) } : {}),
    };
  }

  #list<T>(read: () => T): T[] {
    const count = this.#view.getUint32(this.#take(4));
    if (count > MAX_KV_ENTRIES) throw refused(TOO_LONG);
    return Array.from({ length: count }, read);
  }

  #key(): KvKey {
    const stream = this.#bytes(STREAM_BYTES);
    return { stream, key: this.#lengthAndKey() };
  }

  #lengthAndKey(): Uint8Array {
    const at = this.#take(3);
    const length = this.#view.getUint8(at) * 65_536 + this.#view.getUint16(at + 1);
    if (length === 0) throw refused(INVALID);
    const key = this.#bytes(length);
    if (length > MAX_KV_KEY_BYTES) throw refused('key too large');
    return key;
  }

  #bytes(length: number): Uint8Array {
    return this.#data.slice(this.#take(length), this.#at);
  }

  /** @returns where `length` bytes begin, which are taken */
  #take(length: number): number {
    const at = this.#at;
    if (length > this.#data.length - at) throw refused(INVALID);
    this.#at += length;
    return at;
  }
}

/** All of it. @throws STREAM_DATA */
export function decodeStreamData(data: Uint8Array): StreamData {
  const reader = new StreamDataReader(data);
  const version = reader.version();
  const reads = reader.reads();
  const writes = reader.writes();
  return { version, reads, writes, controls: reader.controls() };
}

function refused(what: string): PerigeeError {
  return new PerigeeError('STREAM_DATA', what);
}
