import { concat, KvEntry, toHex, u32be, u64be, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../tests/kit/random.ts';
import {
  applyPlan,
  depositsOf,
  encodeStreamData,
  entryKey,
  hasWritePermission,
  isAdmin,
  isSpecialKey,
  isWriterOfKey,
  isWriterOfStream,
  judgeWrite,
  type KvControl,
  type KvOrder,
  keyOfEntry,
  LATEST_VERSION,
  latestVersion,
  reserveStreams,
  type StreamData,
  streamKeyOf,
} from '../../src/kv/index.ts';
import { WordsModel } from './by-the-words.ts';
import { MapView } from './map-view.ts';
import { ACCOUNTS, KEYS, type RandomWrite, randomWrite, STREAMS } from './random-writes.ts';

const [stream = new Uint8Array(32), other = new Uint8Array(32)] = STREAMS;
const [alice = new Uint8Array(20), bob = new Uint8Array(20), carol = new Uint8Array(20)] = ACCOUNTS;
const PRICE = 3n;

class Streams {
  readonly view = new MapView();
  #txSeq = 0;

  /** Submit and replay at once. */
  write(author: Uint8Array, data: Partial<StreamData>, streams = [stream]): string {
    const all = { version: LATEST_VERSION, reads: [], writes: [], controls: [], ...data };
    return this.replay({ txSeq: ++this.#txSeq, author, streams, data: encodeStreamData(all) });
  }

  replay(order: KvOrder): string {
    reserveStreams(this.view, order.streams, order.author, order.txSeq);
    const plan = judgeWrite(this.view, order);
    if (typeof plan === 'string') return plan;
    applyPlan(this.view, plan, { ...order, depositPerByte: PRICE });
    return 'Commit';
  }

  set(author: Uint8Array, key: string, value: string, version = LATEST_VERSION): string {
    return this.write(author, { version, writes: [{ stream, key: utf8(key), value: utf8(value) }] });
  }

  control(author: Uint8Array, ...controls: Omit<KvControl, 'stream'>[]): string {
    return this.write(author, { controls: controls.map((control) => ({ ...control, stream })) });
  }

  value(key: string): string | undefined {
    const raw = this.view.get(entryKey(stream, utf8(key)));
    return raw && Buffer.from(KvEntry.decode(raw).value).toString();
  }
}

const hex32 = `0x${toHex(stream)}`;

describe('versions', () => {
  it('of what is read or written must not be above the version of the data', () => {
    const streams = new Streams();
    expect(streams.set(alice, 'a', 'one', 0n)).toBe('Commit');
    expect(streams.set(alice, 'a', 'two', 0n)).toBe('VersionConfliction');
    expect(streams.set(alice, 'a', 'two', 1n)).toBe('Commit');
    expect(latestVersion(streams.view, { stream, key: utf8('a') })).toBe(3);
    const reads = [{ stream, key: utf8('a') }];
    const writes = [{ stream, key: utf8('b'), value: utf8('x') }];
    expect(streams.write(alice, { version: 2n, reads, writes })).toBe('VersionConfliction');
    expect(streams.write(alice, { version: 3n, reads, writes })).toBe('Commit');
    expect(streams.value('b')).toBe('x');
  });

  it('are kept of what was deleted', () => {
    const streams = new Streams();
    streams.set(alice, 'a', 'one');
    expect(streams.set(alice, 'a', '')).toBe('Commit');
    expect(streams.value('a')).toBeUndefined();
    expect(latestVersion(streams.view, { stream, key: utf8('a') })).toBe(2);
    expect(streams.set(alice, 'a', 'three', 1n)).toBe('VersionConfliction');
    expect(streams.set(alice, 'a', 'three', 2n)).toBe('Commit');
    expect(streams.value('a')).toBe('three');
  });

  it('above its own number conflict with data that came late', () => {
    const streams = new Streams();
    const order = (txSeq: number) => {
      const data = {
        version: LATEST_VERSION,
        reads: [],
        writes: [{ stream, key: utf8('a'), value: utf8(`${txSeq}`) }],
        controls: [],
      };
      return { txSeq, author: alice, streams: [stream], data: encodeStreamData(data) };
    };
    expect(streams.replay(order(8))).toBe('Commit');
    expect(streams.replay(order(7))).toBe('VersionConfliction');
    expect(streams.value('a')).toBe('8');
    expect(streams.replay(order(9))).toBe('Commit');
  });

  it('take the last of several values of a key', () => {
    const streams = new Streams();
    const writes = ['one', 'two', ''].map((value) => ({ stream, key: utf8('a'), value: utf8(value) }));
    expect(streams.write(alice, { writes })).toBe('Commit');
    expect(streams.value('a')).toBeUndefined();
    expect(streams.write(alice, { writes: writes.toReversed() })).toBe('Commit');
    expect(streams.value('a')).toBe('one');
  });
});

describe('rights', () => {
  it('of a stream are those of who named it first', () => {
    const streams = new Streams();
    expect(streams.set(alice, 'a', 'hers')).toBe('Commit');
    expect(streams.set(bob, 'a', 'his')).toBe('SenderNoWritePermission');
    expect(isAdmin(streams.view, alice, stream)).toBe(true);
    expect(isAdmin(streams.view, bob, stream)).toBe(false);
    // a stream of his own opens no other
    const writes = [{ stream, key: utf8('a'), value: utf8('his') }];
    expect(streams.write(bob, { writes }, [stream, other])).toBe(`WritePermissionDenied: stream: ${hex32}, key: a`);
    expect(streams.write(bob, { writes }, [other])).toBe('TagsMismatch');
    expect(streams.value('a')).toBe('hers');
  });

  it('come and go by all ten operations', () => {
    const streams = new Streams();
    const key = utf8('special');
    expect(streams.control(alice, { name: 'grantWriter', account: bob })).toBe('Commit');
    expect(streams.set(bob, 'a', 'his')).toBe('Commit');
    // a writer makes another one, and nothing else
    expect(streams.control(bob, { name: 'grantWriter', account: carol })).toBe('Commit');
    const denied = (word: string, shown: string, account = carol) =>
      `AccessControlPermissionDenied: operation: ${word}, stream: ${hex32}, key: ${shown}, account: 0x${toHex(account)}`;
    expect(streams.control(bob, { name: 'revokeWriter', account: carol })).toBe(denied('REVOKE_WRITER_ROLE', 'NONE'));
    expect(streams.control(bob, { name: 'grantAdmin', account: carol })).toBe(denied('GRANT_ADMIN_ROLE', 'NONE'));
    const nobody = new Uint8Array(20);
    expect(streams.control(bob, { name: 'setKeyToSpecial', key })).toBe(denied('SET_KEY_TO_SPECIAL', 'special', nobody));
    expect(streams.control(bob, { name: 'setKeyToNormal', key: Uint8Array.of(255) })).toBe(
      denied('SET_KEY_TO_NORMAL', 'UNKNOWN', nobody),
    );
    const long = utf8('ж'.repeat(40));
    expect(streams.control(bob, { name: 'grantSpecialWriter', key: long, account: carol })).toBe(
      denied('GRANT_SPECIAL_WRITER_ROLE', 'ж'.repeat(32)),
    );
    expect(streams.control(alice, { name: 'revokeWriter', account: carol })).toBe('Commit');
    expect(streams.control(carol, { name: 'renounceWriter' })).toBe('SenderNoWritePermission');

    expect(streams.control(alice, { name: 'setKeyToSpecial', key })).toBe('Commit');
    expect(isSpecialKey(streams.view, stream, key)).toBe(true);
    expect(streams.set(bob, 'special', 'his')).toBe(`WritePermissionDenied: stream: ${hex32}, key: special`);
    expect(streams.set(alice, 'special', 'hers')).toBe('Commit');
    expect(streams.control(alice, { name: 'grantSpecialWriter', key, account: carol })).toBe('Commit');
    expect(streams.set(carol, 'special', 'of carol')).toBe('Commit');
    expect(streams.set(carol, 'a', 'of carol')).toBe(`WritePermissionDenied: stream: ${hex32}, key: a`);
    expect(streams.control(carol, { name: 'grantSpecialWriter', key, account: bob })).toBe('Commit');
    expect(isWriterOfKey(streams.view, bob, stream, key)).toBe(true);
    expect(streams.control(alice, { name: 'revokeSpecialWriter', key, account: carol })).toBe('Commit');
    expect(streams.set(carol, 'special', 'again')).toBe('SenderNoWritePermission');
    expect(streams.control(bob, { name: 'renounceSpecialWriter', key }, { name: 'renounceWriter' })).toBe('Commit');
    expect(streams.set(bob, 'special', 'again')).toBe('SenderNoWritePermission');
    expect(isWriterOfStream(streams.view, bob, stream)).toBe(false);
    expect(streams.control(alice, { name: 'setKeyToNormal', key })).toBe('Commit');

    // an admin is made by another, and goes only by himself
    expect(streams.control(alice, { name: 'grantAdmin', account: bob })).toBe('Commit');
    expect(streams.control(bob, { name: 'renounceAdmin' }, { name: 'grantAdmin', account: bob })).toBe('Commit');
    expect(isAdmin(streams.view, bob, stream)).toBe(false);
    expect(streams.control(alice, { name: 'renounceAdmin' })).toBe('Commit');
    expect(hasWritePermission(streams.view, alice, stream, utf8('a'))).toBe(false);
    expect(streams.set(alice, 'a', 'x')).toBe('SenderNoWritePermission');
  });

  it('are what the last of several operations says, and judged by the state before', () => {
    const streams = new Streams();
    streams.set(alice, 'a', 'x');
    const grant = { name: 'grantWriter', account: bob } as const;
    const revoke = { name: 'revokeWriter', account: bob } as const;
    expect(streams.control(alice, grant, revoke)).toBe('Commit');
    expect(isWriterOfStream(streams.view, bob, stream)).toBe(false);
    expect(streams.control(alice, revoke, grant)).toBe('Commit');
    expect(isWriterOfStream(streams.view, bob, stream)).toBe(true);
    // what he is not allowed is replaced by what he is
    expect(streams.control(bob, { name: 'revokeWriter', account: carol }, { name: 'grantWriter', account: carol })).toBe(
      'Commit',
    );
    // renounced and written in one: still allowed
    const writes = [{ stream, key: utf8('b'), value: utf8('x') }];
    expect(streams.write(bob, { writes, controls: [{ name: 'renounceWriter', stream }] })).toBe('Commit');
    expect(streams.value('b')).toBe('x');
  });
});

describe('what cannot be read', () => {
  it('is refused in the words of the part that is wrong, where no earlier part decides', () => {
    const streams = new Streams();
    streams.set(alice, 'a', 'x');
    let txSeq = 10;
    const raw = (...parts: Uint8Array[]) =>
      streams.replay({ txSeq: ++txSeq, author: alice, streams: [stream], data: concat(...parts) });
    expect(raw()).toBe('DataParseError: Invalid stream data');
    expect(raw(u64be(0), u32be(1025))).toBe('DataParseError: Stream read/write/access_control list too long');
    const read = concat(u32be(1), stream, Uint8Array.of(0, 0, 1), utf8('a'));
    expect(raw(u64be(0), read, u32be(9_999))).toBe('VersionConfliction');
    expect(raw(u64be(1), read, u32be(9_999))).toBe('DataParseError: Stream read/write/access_control list too long');
    expect(raw(u64be(1), read, u32be(0), u32be(0), Uint8Array.of(0))).toBe('DataParseError: Invalid stream data');
    expect(streams.write(alice, {})).toBe('Commit');
  });
});

describe('deposits', () => {
  it('are taken by bytes, and given back to who wrote what goes', () => {
    const streams = new Streams();
    streams.control(alice, { name: 'grantWriter', account: bob });
    streams.set(alice, 'a', 'four');
    expect(streams.view.deposits()).toBe(5n * PRICE);
    const write = (value: string) => [{ stream, key: utf8('a'), value: utf8(value) }];
    expect(depositsOf(streams.view, write('seven..'), PRICE)).toEqual({
      taken: 8n * PRICE,
      returned: [{ account: alice, amount: 5n * PRICE }],
    });
    streams.set(bob, 'a', 'seven..');
    expect(depositsOf(streams.view, write(''), PRICE)).toEqual({ taken: 0n, returned: [{ account: bob, amount: 8n * PRICE }] });
    streams.set(alice, 'a', '');
    expect(streams.view.deposits()).toBe(0n);
  });
});

describe('keys of the state', () => {
  it('keep the entries of a stream side by side, in the order of their keys', () => {
    const streams = new Streams();
    for (const [i, name] of STREAMS.toReversed().entries()) {
      const writes = KEYS.map((key) => ({ stream: name, key, value: Uint8Array.of(i) }));
      expect(streams.write(alice, { writes }, [name])).toBe('Commit');
    }
    const entries = streams.view.sorted().flatMap(([key]) => streamKeyOf(key) ?? []);
    const order = (keys: readonly Uint8Array[]) => keys.map(toHex).toSorted();
    expect(entries.map((entry) => toHex(entry.stream))).toEqual(STREAMS.flatMap((name) => KEYS.map(() => toHex(name))));
    for (const name of STREAMS) {
      const keys = streams.view.sorted().flatMap(([key]) => keyOfEntry(key, name) ?? []);
      expect(keys.map(toHex)).toEqual(order(KEYS));
    }
    expect(keyOfEntry(entryKey(stream, utf8('a')), other)).toBeUndefined();
  });
});

const LONG = process.env.PERIGEE_LONG === '1';
/** In all 20,000 in the long run. */
const WRITES = LONG ? 1_000 : 40;

describe('random writes', () => {
  it(`agree with a model that only remembers rows, 20 seeds of ${WRITES}`, () => {
    const results = new Map<string, number>();
    for (let round = 0; round < 20; round++) {
      const random = createRandom(process.env.PERIGEE_SEED === undefined ? 7_000 + round : undefined);
      const model = new WordsModel();
      const streams = new Streams();
      const late: (RandomWrite & { readonly txSeq: number })[] = [];
      for (let next = 1; next <= WRITES || late.length > 0; next++) {
        if (next <= WRITES) {
          const write = { txSeq: next, ...randomWrite(random, next) };
          model.submit(write.streams, write.author);
          reserveStreams(streams.view, write.streams, write.author, next);
          late.push(write);
        }
        // now and then data comes late, and after that of later ones
        if (next <= WRITES && random.chance(0.1)) continue;
        const [write] = late.splice(random.chance(0.8) ? late.length - 1 : random.below(late.length), 1);
        if (write === undefined) continue;
        const { txSeq, author, streams: named, data } = write;
        const expected = model.replay(txSeq, author, named, data);
        const got = streams.replay({ txSeq, author, streams: named, data: encodeStreamData(data) });
        expect(got, `seed ${random.seed}, write ${txSeq}`).toBe(expected);
        const kind = expected.split(':')[0] ?? '';
        results.set(kind, 1 + (results.get(kind) ?? 0));
      }
      same(streams, model, random.seed);
    }
    console.log(`seeds 7000 to 7019: ${[...results].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
    for (const kind of [
      'Commit',
      'VersionConfliction',
      'TagsMismatch',
      'WritePermissionDenied',
      'AccessControlPermissionDenied',
    ]) {
      expect(results.get(kind), kind).toBeGreaterThan(0);
    }
  });
});

/** Every value and every right that can be asked for. */
function same({ view }: Streams, model: WordsModel, seed: number): void {
  for (const name of STREAMS) {
    for (const key of KEYS) {
      const raw = view.get(entryKey(name, key));
      const row = model.value(toHex(name), toHex(key));
      const entry = raw && KvEntry.decode(raw);
      expect(entry && { version: entry.version, value: toHex(entry.value) }, `seed ${seed}`).toEqual(
        row === undefined || row.value === '' ? undefined : { version: row.version, value: row.value },
      );
      expect(latestVersion(view, { stream: name, key })).toBe(row?.version ?? 0);
      expect(isSpecialKey(view, name, key)).toBe(model.isSpecial(toHex(name), toHex(key)));
    }
    for (const account of ACCOUNTS) {
      const [who, where] = [toHex(account), toHex(name)];
      expect(isAdmin(view, account, name)).toBe(model.isAdmin(who, where));
      expect(isWriterOfStream(view, account, name)).toBe(model.isWriter(who, where));
      for (const key of KEYS) {
        expect(isWriterOfKey(view, account, name, key)).toBe(model.isSpecialWriter(who, where, toHex(key)));
        expect(hasWritePermission(view, account, name, key)).toBe(model.mayWrite(who, where, toHex(key)));
      }
    }
  }
}
