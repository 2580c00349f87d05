import { entryKey, rangeOfScan, verifyKvChanges } from '@perigee/light-core/kv';
import { STORE } from '@perigee/light-core/state';
import { type KvChanges, MAX_KV_KEYS_PER_REQUEST, MAX_KV_SUBSCRIPTIONS_PER_PEER, toHex, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../../tests/kit/index.ts';
import { serveKv } from '../../src/serve/index.ts';
import { changedKeys, proveRun } from '../../src/state/index.ts';
import { STREAM, write } from '../machine/kv/streams.ts';
import { codeOf, type Served, servedStreams, text } from './served-streams.ts';

let served: Served;
let serving: ReturnType<typeof serveKv>;
beforeAll(async () => {
  served = await servedStreams();
  serving = serveKv(served);
});
afterAll(() => served.close());

describe('changes', () => {
  interface Subscription {
    next(): Promise<KvChanges>;
    end(): Promise<unknown>;
  }

  function subscribe(watch: { key: string; isPrefix: boolean; since: number }, peerId = 'peer'): Subscription {
    const stop = new AbortController();
    const request = { stream: STREAM, height: 0, keys: [], watch: { ...watch, key: utf8(watch.key) } };
    const answers = serving(request, { peerId, signal: stop.signal });
    return {
      async next() {
        const { value } = await answers.next();
        if (value?.changes === undefined) throw new Error('no changes');
        return value.changes;
      },
      end() {
        stop.abort();
        return answers.next();
      },
    };
  }

  const readChanges = (changes: KvChanges, key: string, isPrefix: boolean) =>
    verifyKvChanges(changes, {
      appHash: served.appHash(changes.height),
      stream: STREAM,
      watch: { key: utf8(key), isPrefix },
    }).map((change) => [text(change.key), change.entry && text(change.entry.value)]);

  it('of a key, of a prefix and of a stream are told as they come, and told again from any height that is kept', async () => {
    const [one, prefix, all] = [
      subscribe({ key: 'b', isPrefix: false, since: 0 }),
      subscribe({ key: 'b', isPrefix: true, since: 0 }),
      subscribe({ key: '', isPrefix: true, since: 0 }),
    ];
    const begun = await Promise.all([one, prefix, all].map((subscription) => subscription.next()));
    const from = served.height;
    expect(begun).toEqual(begun.map(() => ({ height: from, proofs: [], more: false })));
    const waiting = [one.next(), prefix.next(), all.next()];
    await served.set({ writes: [write('ba', 'changed'), write('c', '')] });
    expect(readChanges((await waiting[1]) as KvChanges, 'b', true)).toEqual([['ba', 'changed']]);
    expect(readChanges((await waiting[2]) as KvChanges, '', true)).toEqual([
      ['ba', 'changed'],
      ['c', undefined],
    ]);
    const again = [prefix.next(), all.next()];
    await served.set({ writes: [write('b', 'b too'), write('b', 'b at last')] });
    expect(readChanges((await waiting[0]) as KvChanges, 'b', false)).toEqual([['b', 'b at last']]);
    expect(readChanges((await again[0]) as KvChanges, 'b', true)).toEqual([['b', 'b at last']]);
    await again[1];
    // written again as it was: nothing to tell of its value, but it has another version
    await Promise.all([one, prefix, all].map((subscription) => subscription.end()));
    expect(served.listeners).toBe(0);
    const late = subscribe({ key: '', isPrefix: true, since: from });
    expect(readChanges(await late.next(), '', true)).toEqual([
      ['b', 'b at last'],
      ['ba', 'changed'],
      ['c', undefined],
    ]);
    await late.end();
  });

  it('that nobody subscribed to, or of another height or state, are refused', async () => {
    const from = served.height;
    await served.set({ writes: [write('a', 'x'), write('b', 'y')] });
    const subscription = subscribe({ key: '', isPrefix: true, since: from });
    const changes = await subscription.next();
    await subscription.end();
    const take = (given: KvChanges, key: string, isPrefix: boolean) => codeOf(() => readChanges(given, key, isPrefix));
    expect(take(changes, '', true)).toBe('taken');
    expect(take(changes, 'a', false)).toBe('PROOF');
    expect(take({ ...changes, height: changes.height - 1 }, '', true)).toBe('PROOF');
    expect(take({ ...changes, proofs: changes.proofs.toReversed() }, '', true)).toBe('PROOF');
    expect(
      take(
        {
          ...changes,
          proofs: changes.proofs.map((proof) => ({ ...proof, height: changes.height - 1 })),
          height: changes.height - 1,
        },
        '',
        true,
      ),
    ).toBe('PROOF_ROOT');
  });

  it('of many keys come in parts, and whoever reads slowly is told of each key once, with its last value', async () => {
    const from = served.height;
    const count = MAX_KV_KEYS_PER_REQUEST + 10;
    const names = Array.from({ length: count }, (_, i) => `many ${String(i).padStart(3, '0')}`);
    const subscription = subscribe({ key: 'many', isPrefix: true, since: from });
    const first = subscription.next();
    for (const round of [1, 2, 3]) await served.set({ writes: names.map((name) => write(name, `${name} in ${round}`)) });
    const parts = [await first];
    while (parts.at(-1)?.more === true || (parts.at(-1)?.height ?? 0) < served.height) parts.push(await subscription.next());
    await subscription.end();
    const last = new Map(parts.flatMap((part) => readChanges(part, 'many', true)) as [string, string][]);
    expect([...last.values()]).toEqual(names.map((name) => `${name} in 3`));
    expect(parts.some(({ more }) => more)).toBe(true);
  });

  it('before what is kept are PRUNED, and subscriptions of one peer are few', async () => {
    const at = served.height;
    while (served.height < at + 25) await served.block();
    await expect(subscribe({ key: 'a', isPrefix: false, since: at }).next()).rejects.toMatchObject({ code: 'PRUNED' });
    const several = Array.from({ length: MAX_KV_SUBSCRIPTIONS_PER_PEER }, () =>
      subscribe({ key: 'a', isPrefix: false, since: 0 }),
    );
    await Promise.all(several.map((subscription) => subscription.next()));
    await expect(subscribe({ key: 'a', isPrefix: false, since: 0 }).next()).rejects.toMatchObject({ code: 'BUSY' });
    const other = subscribe({ key: 'a', isPrefix: false, since: 0 }, 'another peer');
    await other.next();
    // nothing changes for long: how far it is, is told
    const progress = other.next();
    for (let i = 0; i < 10; i++) await served.block();
    expect(await progress).toEqual({ height: served.height, proofs: [], more: false });
    await Promise.all([...several, other].map((subscription) => subscription.end()));
    expect(served.listeners).toBe(0);
  });

  it('between two trees are the keys that differ, whatever their shapes', async () => {
    const random = createRandom(13);
    const tree = () => served.tree(STORE.kv);
    const values = (from: ReturnType<typeof tree>) =>
      new Map(
        proveRun(from.root, rangeOfScan(STREAM, { reverse: false, limit: 256 }), 1e8, from.load).map(({ key, value }) => [
          toHex(key),
          toHex(value),
        ]),
      );
    const before = tree();
    for (let i = 0; i < 6; i++) {
      const writes = Array.from({ length: random.between(1, 30) }, () =>
        write(`random ${random.below(60)}`, random.chance(0.3) ? '' : String(random.u32())),
      );
      await served.set({ writes });
      const after = tree();
      const [old, young] = [values(before), values(after)];
      const prefix = toHex(entryKey(STREAM, utf8('')));
      const due = [...new Set([...old.keys(), ...young.keys()])]
        .filter((key) => key.startsWith(prefix) && old.get(key) !== young.get(key))
        .sort();
      const { lower, upper } = rangeOfScan(STREAM, { reverse: false, limit: 1 });
      expect([...changedKeys(before.root, after.root, { lower, upper }, after.load)].map(toHex)).toEqual(due);
    }
  });
});
