import { readFileSync } from 'node:fs';
import {
  concat,
  fromHex,
  MAX_KV_ENTRIES,
  MAX_KV_KEY_BYTES,
  MAX_KV_VALUE_BYTES,
  PerigeeError,
  toHex,
  u32be,
  u64be,
  utf8,
} from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { randomOf } from '../../../../tests/kit/random.ts';
import {
  decodeStreamData,
  encodeStreamData,
  type KvControl,
  type KvControlName,
  LATEST_VERSION,
  type StreamData,
  streamsOfTags,
  tagsOf,
} from '../../src/kv/index.ts';
import { fileTreeOf, nobleFileHash } from '../../src/storage/index.ts';
import { randomWrite } from './random-writes.ts';

interface Case {
  readonly name: string;
  readonly data: {
    readonly version: string;
    readonly reads: readonly { stream: string; key: string }[];
    readonly writes: readonly { stream: string; key: string; value: string }[];
    readonly controls: readonly { name: KvControlName; stream: string; key?: string; account?: string }[];
  };
  readonly bytes: string;
  readonly root?: string;
  readonly tags?: string;
}

const { cases }: { cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('../../../../tests/vectors/kv.json', import.meta.url), 'utf8'),
);

const dataOf = ({ version, reads, writes, controls }: Case['data']): StreamData => ({
  version: BigInt(version),
  reads: reads.map(({ stream, key }) => ({ stream: fromHex(stream), key: fromHex(key) })),
  writes: writes.map(({ stream, key, value }) => ({ stream: fromHex(stream), key: fromHex(key), value: fromHex(value) })),
  controls: controls.map(({ name, stream, key, account }) => ({
    name,
    stream: fromHex(stream),
    ...(key === undefined ? {} : { key: fromHex(key) }),
    ...(account === undefined ? {} : { account: fromHex(account) }),
  })),
});

const stream = new Uint8Array(32).fill(7);
const none: StreamData = { version: 0n, reads: [], writes: [], controls: [] };
const refused = (words: string) => expect.objectContaining({ code: 'STREAM_DATA', message: expect.stringContaining(words) });

describe('stream data', () => {
  it.each(cases)('$name has the bytes that are published', ({ data, bytes, root, tags }) => {
    const encoded = encodeStreamData(dataOf(data));
    expect(toHex(encoded)).toBe(bytes);
    expect(decodeStreamData(fromHex(bytes))).toEqual(dataOf(data));
    if (root !== undefined) expect(toHex(fileTreeOf(encoded, nobleFileHash).root)).toBe(root);
    if (tags === undefined) return;
    const streams = [...dataOf(data).writes, ...dataOf(data).controls].map((one) => one.stream);
    expect(toHex(concat(tagsOf(streams.slice(0, 1)).subarray(0, 32), ...streams))).toBe(tags);
    expect(streamsOfTags(fromHex(tags)).map(toHex)).toEqual(streams.map(toHex));
  });

  it('is read as it was written, and refused when it is cut off anywhere or anything follows', () => {
    const random = randomOf(onTestFailed);
    for (let i = 0; i < 6; i++) {
      const { data } = randomWrite(random, 20);
      const bytes = encodeStreamData(data);
      expect(decodeStreamData(bytes)).toEqual(data);
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decodeStreamData(bytes.subarray(0, length))).toThrow(refused('Invalid stream data'));
      }
      expect(() => decodeStreamData(concat(bytes, Uint8Array.of(0)))).toThrow(refused('Invalid stream data'));
    }
  });

  it('that is changed anywhere is read as something else or refused, never a crash', () => {
    const random = randomOf(onTestFailed);
    const bytes = encodeStreamData(dataOf((cases[1] as Case).data));
    for (let i = 0; i < 300; i++) {
      const changed = Uint8Array.from(bytes);
      const at = random.below(changed.length);
      changed[at] = random.below(256);
      try {
        expect(toHex(encodeStreamData(decodeStreamData(changed)))).toBe(toHex(changed));
      } catch (error) {
        expect(error).toBeInstanceOf(PerigeeError);
        expect((error as PerigeeError).code).toBe('STREAM_DATA');
      }
    }
  });

  it('with counts and lengths that cannot be is refused before anything of that size is made', () => {
    const head = u64be(1);
    for (const count of [MAX_KV_ENTRIES + 1, 0xffffffff]) {
      expect(() => decodeStreamData(concat(head, u32be(count)))).toThrow(refused('list too long'));
      expect(() => decodeStreamData(concat(head, u32be(0), u32be(count)))).toThrow(refused('list too long'));
      expect(() => decodeStreamData(concat(head, u32be(0), u32be(0), u32be(count)))).toThrow(refused('list too long'));
    }
    expect(() => decodeStreamData(concat(head, u32be(MAX_KV_ENTRIES)))).toThrow(refused('Invalid'));
    // a value of 2^64 - 1 bytes, a key of 2^24 - 1, an operation that there is not, a key of none
    const write = concat(head, u32be(0), u32be(1), stream, Uint8Array.of(0, 0, 1, 65), u64be(LATEST_VERSION), u32be(0));
    expect(() => decodeStreamData(write)).toThrow(refused('Invalid'));
    expect(() => decodeStreamData(concat(head, u32be(1), stream, Uint8Array.of(255, 255, 255)))).toThrow(refused('Invalid'));
    expect(() => decodeStreamData(concat(head, u32be(1), stream, Uint8Array.of(0, 0, 0)))).toThrow(refused('Invalid'));
    expect(() => decodeStreamData(concat(head, u32be(0), u32be(0), u32be(1), Uint8Array.of(2), stream))).toThrow(
      refused('Invalid'),
    );
  });

  it('takes keys and values at their limits, and none above', () => {
    const key = new Uint8Array(MAX_KV_KEY_BYTES).fill(65);
    const value = new Uint8Array(MAX_KV_VALUE_BYTES).fill(66);
    const full: StreamData = { ...none, version: LATEST_VERSION, writes: [{ stream, key, value }] };
    expect(toHex(encodeStreamData(decodeStreamData(encodeStreamData(full))))).toBe(toHex(encodeStreamData(full)));
    const more = (bytes: Uint8Array) => concat(bytes, Uint8Array.of(1));
    expect(() => encodeStreamData({ ...none, reads: [{ stream, key: more(key) }] })).toThrow(refused('1025'));
    expect(() => encodeStreamData({ ...none, reads: [{ stream, key: new Uint8Array(0) }] })).toThrow(refused('not 0'));
    expect(() => encodeStreamData({ ...none, reads: [{ stream: key, key }] })).toThrow(refused('32 bytes'));
    expect(() => encodeStreamData({ ...none, writes: [{ stream, key, value: more(value) }] })).toThrow(refused('65537'));
    const reads = Array.from({ length: MAX_KV_ENTRIES + 1 }, () => ({ stream, key: utf8('k') }));
    expect(() => encodeStreamData({ ...none, reads })).toThrow(refused('list too long'));
    const head = concat(u64be(1), u32be(0), u32be(1), stream);
    const longKey = concat(u64be(1), u32be(1), stream, u32be(MAX_KV_KEY_BYTES + 1).subarray(1), more(key));
    expect(() => decodeStreamData(longKey)).toThrow(refused('key too large'));
    const longValue = concat(head, Uint8Array.of(0, 0, 1, 65), u64be(MAX_KV_VALUE_BYTES + 1), more(value), u32be(0));
    expect(() => decodeStreamData(longValue)).toThrow(refused('value too large'));
    const wrong: KvControl[] = [
      { name: 'grantAdmin', stream },
      { name: 'renounceAdmin', stream, account: new Uint8Array(20) },
      { name: 'setKeyToSpecial', stream },
      { name: 'grantWriter', stream, account: new Uint8Array(19) },
    ];
    for (const control of wrong) expect(() => encodeStreamData({ ...none, controls: [control] })).toThrow(refused(''));
  });
});

describe('tags', () => {
  it('name streams behind their domain, each once, and nothing else is a write', () => {
    const other = new Uint8Array(32).fill(8);
    const tags = tagsOf([stream, other, stream]);
    expect(streamsOfTags(tags)).toEqual([stream, other]);
    for (const wrong of [
      new Uint8Array(0),
      tags.subarray(0, 32),
      tags.subarray(1),
      concat(tags, Uint8Array.of(0)),
      utf8('STREAM'),
    ]) {
      expect(streamsOfTags(wrong)).toEqual([]);
    }
    expect(() => tagsOf([])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => tagsOf([utf8('short')])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => tagsOf(Array.from({ length: 32 }, () => stream))).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
