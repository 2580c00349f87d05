import { entryKey, prefixBounds, rangeOfScan, verifyKvScan, verifyKvValue, verifyKvValues } from '@perigee/light-core/kv';
import { STORE, type StateRange, verifyStateRun } from '@perigee/light-core/state';
import {
  compare,
  type ExistenceProof,
  type KvAnswer,
  type KvRequest,
  type KvScan,
  type StateProof,
  type StateRun,
  toHex,
  utf8,
} from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../../tests/kit/index.ts';
import { serveKv } from '../../src/serve/index.ts';
import { proveRun } from '../../src/state/index.ts';
import { DEPOSIT, STREAM } from '../machine/kv/streams.ts';
import { askKv, BEFORE, codeOf, NAMES, OTHER, type Served, servedStreams, text } from './served-streams.ts';

let served: Served;
let serving: ReturnType<typeof serveKv>;
beforeAll(async () => {
  served = await servedStreams();
  serving = serveKv(served);
});
afterAll(() => served.close());

const ask = (change: Partial<KvRequest>, peerId?: string): Promise<KvAnswer> => askKv(serving, change, peerId);

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

it('a request that asks for nothing, or for two things, is refused', async () => {
  const scan = { reverse: false, limit: 1 };
  for (const request of [{}, { keys: [utf8('a')], scan }])
    await expect(ask(request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
