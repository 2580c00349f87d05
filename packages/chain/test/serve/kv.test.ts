import {
  entryKey,
  prefixBounds,
  rangeOfScan,
  verifyKvChanges,
  verifyKvScan,
  verifyKvValue,
  verifyKvValues,
} from '@perigee/light-core/kv';
import { STORE, type StateRange, verifyStateRun } from '@perigee/light-core/state';
import {
  compare,
  type ExistenceProof,
  type KvAnswer,
  type KvChanges,
  type KvRequest,
  type KvScan,
  MAX_KV_KEYS_PER_REQUEST,
  MAX_KV_SUBSCRIPTIONS_PER_PEER,
  PerigeeError,
  type StateProof,
  type StateRun,
  toHex,
  utf8,
} from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../../tests/kit/index.ts';
import type { Chain } from '../../src/index.ts';
import { serveKv } from '../../src/serve/index.ts';
import { changedKeys, proveRun } from '../../src/state/index.ts';
import { DEPOSIT, dataOf, STREAM, Streaming, streamingGenesis, write } from '../machine/kv/streams.ts';

const OTHER = new Uint8Array(32).fill(0xf3);
const BEFORE = new Uint8Array(32).fill(0xf1);
const NAMES = ['a', 'ab', 'b', 'ba', 'c', 'd'];
const text = (bytes: Uint8Array = new Uint8Array(0)): string => Buffer.from(bytes).toString();

/** A chain as those who serve see it: what has a header after it is proved. */
class Served {
  readonly #streaming: Streaming;
  readonly #listeners = new Set<Parameters<Chain['onBlock']>[0]>();
  /** App hash of the state of each height. */
  readonly appHashes = new Map<number, Uint8Array>();

  constructor(streaming: Streaming) {
    this.#streaming = streaming;
  }

  get height(): number {
    return this.#streaming.chain.height();
  }

  async set(data: Parameters<typeof dataOf>[0], streams = [STREAM]): Promise<void> {
    const { code, log } = await this.#streaming.set('alice', dataOf(data), streams);
    expect(code, log).toBe(0);
    await this.#noted();
  }

  async block(): Promise<void> {
    await this.#streaming.chain.block();
    await this.#noted();
  }

  appHash(height: number): Uint8Array {
    return this.appHashes.get(height) ?? new Uint8Array(0);
  }

  prove(store: string, key: Uint8Array, height = 0) {
    return this.#streaming.chain.machine.prove(store, key, height);
  }

  tree(store: string, height = 0) {
    return this.#streaming.chain.machine.tree(store, height);
  }

  onBlock(listener: Parameters<Chain['onBlock']>[0]): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  close(): Promise<void> {
    return this.#streaming.close();
  }

  async #noted(): Promise<void> {
    const { lastBlockHeight, lastBlockAppHash } = await this.#streaming.chain.machine.info();
    this.appHashes.set(lastBlockHeight, lastBlockAppHash);
    for (const listener of this.#listeners) listener({ height: lastBlockHeight, headerHash: new Uint8Array(32) });
  }
}

let served: Served;
let serving: ReturnType<typeof serveKv>;
beforeAll(async () => {
  served = new Served(await Streaming.begin(streamingGenesis()));
  serving = serveKv(served);
  await served.set({ writes: NAMES.map((name) => write(name, `old ${name}`)) });
  await served.set({ writes: [write('a', 'of another', OTHER), write('z', 'of another', OTHER)] }, [OTHER]);
  await served.set({ writes: [write('a', 'of another', BEFORE), write('z', 'of another', BEFORE)] }, [BEFORE]);
  await served.set({ writes: [...NAMES.map((name) => write(name, `new ${name}`)), write('d', '')] });
  await served.block();
});
afterAll(() => served.close());

async function ask(change: Partial<KvRequest>, peerId = 'peer'): Promise<KvAnswer> {
  const request = { stream: STREAM, height: 0, keys: [], ...change };
  for await (const answer of serving(request, { peerId, signal: new AbortController().signal })) return answer;
  throw new Error('no answer');
}

async function scanned(scan: Partial<KvScan>, stream = STREAM, height = 0): Promise<{ run: StateRun; scan: KvScan }> {
  const full = { reverse: false, limit: 10, ...scan };
  const { run } = await ask({ stream, scan: full, height });
  if (run === undefined) throw new Error('no run');
  return { run, scan: full };
}

function read({ run, scan }: { run: StateRun; scan: KvScan }, stream = STREAM): { names: string[]; complete: boolean } {
  const { values, complete } = verifyKvScan(run, { appHash: served.appHash(run.height), stream, scan });
  return { names: values.map(({ key }) => text(key)), complete };
}

const bound = (name: string, inclusive: boolean) => ({ key: utf8(name), inclusive });
const codeOf = (check: () => unknown): string => {
  try {
    check();
    return 'taken';
  } catch (error) {
    return error instanceof PerigeeError ? error.code : String(error);
  }
};

describe('values', () => {
  it('and absences of several keys are proved at one height, now and in the past', async () => {
    const keys = ['a', 'd', 'ab', 'zz'].map(utf8);
    const { proofs } = await ask({ keys });
    const expected = { appHash: served.appHash(proofs[0]?.height ?? 0), stream: STREAM, keys };
    expect(verifyKvValues(proofs, expected).map((entry) => text(entry?.value))).toEqual(['new a', '', 'new ab', '']);
    const past = await ask({ keys, height: 1 });
    const then = verifyKvValues(past.proofs, { ...expected, appHash: served.appHash(1) });
    expect(then.map((entry) => entry && [text(entry.value), entry.version])).toEqual([
      ['old a', 0],
      ['old d', 0],
      ['old ab', 0],
      undefined,
    ]);
    expect(then[0]?.deposit).toBe(6n * DEPOSIT);
  });

  it('are refused when they are forged, old, of another key or stream, or missing though they are there', async () => {
    const key = utf8('a');
    const [there] = (await ask({ keys: [key] })).proofs as [StateProof];
    const [absent] = (await ask({ keys: [utf8('aa')] })).proofs as [StateProof];
    const appHash = served.appHash(there.height);
    const take = (proof: StateProof, change: Partial<{ appHash: Uint8Array; stream: Uint8Array; key: Uint8Array }> = {}) =>
      codeOf(() => verifyKvValue(proof, { appHash, stream: STREAM, key, ...change }));
    expect(take(there)).toBe('taken');
    // a forged value
    const exist = there.inner.exist as ExistenceProof;
    const forged = Uint8Array.from(exist.value);
    forged[forged.length - 1] = 0;
    expect(take({ ...there, inner: { exist: { ...exist, value: forged } } })).toBe('PROOF_ROOT');
    // an old one as the current one, by its own height and by a forged one
    const [old] = (await ask({ keys: [key], height: 1 })).proofs as [StateProof];
    expect(take(old, { appHash: served.appHash(1) })).toBe('taken');
    expect(take(old)).toBe('PROOF_ROOT');
    expect(take({ ...old, height: there.height })).toBe('PROOF_ROOT');
    // present claimed missing, missing claimed present
    expect(take({ ...there, inner: absent.inner })).toBe('PROOF');
    const { nonexist } = absent.inner;
    expect(take({ ...there, inner: { nonexist: { ...nonexist, key: entryKey(STREAM, key) } } })).toBe('PROOF');
    expect(take({ ...absent, inner: { exist: { ...exist, key: entryKey(STREAM, utf8('aa')) } } }, { key: utf8('aa') })).toBe(
      'PROOF_ROOT',
    );
    expect(take(there, { key: utf8('aa') })).toBe('PROOF');
    // of another stream
    expect(take(there, { stream: OTHER })).toBe('PROOF');
    const { proofs } = await ask({ keys: [key], stream: OTHER });
    expect(take(proofs[0] as StateProof)).toBe('PROOF');
    // of another number, or of several heights
    const several = (list: StateProof[]) => codeOf(() => verifyKvValues(list, { appHash, stream: STREAM, keys: [key, key] }));
    expect([several([there, there]), several([there]), several([there, old])]).toEqual(['taken', 'PROOF', 'PROOF']);
  });

  it('with any byte of their proof changed are refused', async () => {
    const random = createRandom(5);
    const key = utf8('a');
    const [there] = (await ask({ keys: [key] })).proofs as [StateProof];
    const exist = there.inner.exist as ExistenceProof;
    for (let i = 0; i < 200; i++) {
      const at = random.below(exist.path.length);
      const path = exist.path.map((op, j) => {
        if (j !== at) return op;
        const part = random.pick(['prefix', 'suffix'] as const);
        const bytes = Uint8Array.from(op[part]);
        if (bytes.length === 0) return { ...op, suffix: Uint8Array.of(1) };
        bytes[random.below(bytes.length)] = (bytes[0] ?? 0) ^ random.between(1, 255) ^ 0x55;
        return { ...op, [part]: bytes };
      });
      const changed = { ...there, inner: { exist: { ...exist, path } } };
      const got = codeOf(() => verifyKvValue(changed, { appHash: served.appHash(there.height), stream: STREAM, key }));
      const isSame = path.every(
        (op, j) =>
          toHex(op.prefix) === toHex(exist.path[j]?.prefix ?? op.prefix) &&
          toHex(op.suffix) === toHex(exist.path[j]?.suffix ?? op.suffix),
      );
      if (!isSame) expect(got).toMatch(/^PROOF/);
    }
  });
});

describe('entries in order', () => {
  const kept = NAMES.slice(0, -1);

  it('are proved from any key to any other, both ways, and none of another stream', async () => {
    expect(read(await scanned({}))).toEqual({ names: kept, complete: true });
    expect(read(await scanned({ reverse: true }))).toEqual({ names: kept.toReversed(), complete: true });
    expect(read(await scanned({ limit: 1 }))).toEqual({ names: ['a'], complete: false });
    expect(read(await scanned({ limit: 1, reverse: true }))).toEqual({ names: ['c'], complete: false });
    for (const name of [...NAMES, '0', 'aa', 'bz', 'zz']) {
      for (const inclusive of [true, false]) {
        const after = kept.filter((one) => one > name || (inclusive && one === name));
        const before = kept.filter((one) => one < name || (inclusive && one === name));
        const next = await scanned({ lower: bound(name, inclusive), limit: 1 });
        expect(read(next).names).toEqual(after.slice(0, 1));
        const previous = await scanned({ upper: bound(name, inclusive), limit: 1, reverse: true });
        expect(read(previous).names).toEqual(before.slice(-1));
        expect(read(await scanned({ lower: bound(name, inclusive) }))).toEqual({ names: after, complete: true });
      }
    }
    expect(read(await scanned({ lower: bound('ab', false), upper: bound('c', false) }))).toEqual({
      names: ['b', 'ba'],
      complete: true,
    });
    expect(read(await scanned(prefixBounds(utf8('b'))))).toEqual({ names: ['b', 'ba'], complete: true });
    expect(read(await scanned({}, new Uint8Array(32).fill(0xf2).fill(0, 31)), new Uint8Array(32).fill(0xf2).fill(0, 31))).toEqual(
      { names: [], complete: true },
    );
    expect(read(await scanned({}, STREAM, 1)).names).toEqual(NAMES);
    expect(codeOf(() => rangeOfScan(STREAM, { reverse: false, limit: 0 }))).toBe('INVALID_ARGUMENT');
    await expect(scanned({ limit: 257 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('with a hole, cut short, of another stream or state, or claimed to be none are refused', async () => {
    const { run, scan } = await scanned({});
    const take = (change: Partial<StateRun>, stream = STREAM, wanted = scan, appHash = served.appHash(run.height)) =>
      codeOf(() => verifyKvScan({ ...run, ...change }, { appHash, stream, scan: wanted }));
    expect(take({})).toBe('taken');
    expect(run.leaves.length).toBe(kept.length + 2);
    for (let hole = 0; hole < run.leaves.length; hole++) {
      const leaves = run.leaves.filter((_, i) => i !== hole);
      // without the last one it only says less
      const isEnd = hole === run.leaves.length - 1;
      expect(take({ leaves }), `without leaf ${hole}`).toBe(isEnd ? 'taken' : 'PROOF');
      if (isEnd) expect(read({ run: { ...run, leaves }, scan }).complete).toBe(false);
    }
    // only the ends, though there are entries between them
    expect(take({ leaves: [run.leaves[0], run.leaves.at(-1)] as ExistenceProof[] })).toBe('PROOF');
    expect(take({ leaves: run.leaves.slice(0, 1) })).toBe('PROOF');
    expect(take({ leaves: [] })).toBe('PROOF');
    expect(take({ leaves: run.leaves.toReversed() })).toBe('PROOF');
    expect(take({}, BEFORE)).toBe('PROOF');
    expect(take({ leaves: run.leaves.slice(0, -1) }, OTHER)).toBe('PROOF');
    expect(take({}, STREAM, { ...scan, limit: 2 })).toBe('PROOF');
    // the last ones where the first were asked for
    const { run: tail } = await scanned({ lower: bound('b', true) });
    expect(take({ leaves: tail.leaves })).toBe('PROOF');
    const { run: old } = await scanned({}, STREAM, 1);
    expect(take(old)).toBe('PROOF_ROOT');
    const forged = run.leaves.map((leaf, i) => (i === 2 ? { ...leaf, value: utf8('forged') } : leaf));
    expect(take({ leaves: forged })).toBe('PROOF_ROOT');
    expect(take({ store: STORE.da })).toBe('PROOF');
    // the end of a scan down
    const down = await scanned({ reverse: true });
    const shorter = { ...down.run, leaves: down.run.leaves.slice(0, -1) };
    expect(codeOf(() => read({ run: shorter, scan: down.scan }))).toBe('PROOF');
  });

  it('come as far as an answer reaches, and go on from there', () => {
    const { root, load, ...where } = served.tree(STORE.kv);
    const range = rangeOfScan(STREAM, { reverse: false, limit: 10 });
    const run = { ...where, leaves: proveRun(root, range, 1, load) };
    const { entries, complete } = verifyStateRun(run, { appHash: served.appHash(where.height), store: STORE.kv, range });
    expect([entries.length, complete]).toEqual([1, false]);
  });

  it('of random ranges are what a list of all keys has', () => {
    const random = createRandom(11);
    const { root, load, ...where } = served.tree(STORE.kv);
    const appHash = served.appHash(where.height);
    const all: Uint8Array[] = [];
    const whole: StateRange = {
      lower: { key: Uint8Array.of(0), inclusive: true },
      upper: { key: Uint8Array.of(255), inclusive: true },
      reverse: false,
      limit: 256,
    };
    for (const { key } of proveRun(root, whole, 1e6, load)) all.push(key);
    const near = () => {
      const key = random.pick(all);
      return {
        key: random.chance(0.6) ? key : random.chance(0.5) ? key.subarray(0, key.length - 1) : Uint8Array.of(...key, 0),
        inclusive: random.chance(0.5),
      };
    };
    for (let i = 0; i < 300; i++) {
      const [one, two] = [near(), near()];
      const [lower, upper] = compare(one.key, two.key) <= 0 ? [one, two] : [two, one];
      const range = { lower, upper, reverse: random.chance(0.5), limit: random.between(1, 9) };
      const within = all.filter(
        (key) =>
          (compare(key, lower.key) > 0 || (lower.inclusive && compare(key, lower.key) === 0)) &&
          (compare(key, upper.key) < 0 || (upper.inclusive && compare(key, upper.key) === 0)),
      );
      const due = (range.reverse ? within.toReversed() : within).slice(0, range.limit);
      const run = { ...where, leaves: proveRun(root, range, 1e6, load) };
      const { entries, complete } = verifyStateRun(run, { appHash, store: STORE.kv, range });
      expect(
        entries.map(({ key }) => toHex(key)),
        `range ${i}`,
      ).toEqual(due.map(toHex));
      if (due.length < range.limit) expect(complete).toBe(true);
      if (complete) expect(due.length).toBe(within.length);
    }
  });
});

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

it('a request that asks for nothing, or for two things, is refused', async () => {
  const scan = { reverse: false, limit: 1 };
  for (const request of [{}, { keys: [utf8('a')], scan }])
    await expect(ask(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
