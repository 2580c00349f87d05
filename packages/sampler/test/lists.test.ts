import { randomBytes } from 'node:crypto';
import { blobListKey, lastBlobListKey } from '@perigee/light-core/state';
import { BlobList, LastBlobList, MAX_LISTED_HEIGHTS, PerigeeError, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import { ALL_BLOBS, BlobLists, ListWatch, type ProvedState } from '../src/lists/index.ts';
import type { BlobListing } from '../src/requests.ts';

const NAMESPACE = utf8('films');
const blobId = (): Uint8Array => Uint8Array.from([0, ...randomBytes(32)]);

/** A state whose lists are written by hand, also as no chain would write them. That values are proved is tested with the follower. */
class ListState implements ProvedState {
  readonly #values = new Map<string, Uint8Array>();
  readonly #listeners = new Set<() => void>();
  #height = 1;
  #last = 0;
  /** Keys of each request. */
  readonly asked: number[] = [];
  broken = false;

  async prove(_store: string, keys: readonly Uint8Array[]) {
    this.asked.push(keys.length);
    if (this.broken) throw new PerigeeError('UNPROVEN', 'nobody is connected');
    return { height: this.#height, values: keys.map((key) => this.#values.get(toHex(key))) };
  }

  readonly onHead = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A block with blobs, and a head that proves it. */
  record(height: number, count = 1): BlobListing {
    const blobIds = Array.from({ length: count }, blobId);
    const previous = this.#last;
    this.write(height, { previous, blobIds });
    this.headAt(height + 1);
    return { height, previous, blobIds: blobIds.map(toHex), provedAt: height + 1 };
  }

  write(height: number, list: { previous: number; blobIds: Uint8Array[] }): void {
    this.#values.set(toHex(blobListKey(NAMESPACE, height)), BlobList.encode(list));
    this.#values.set(toHex(lastBlobListKey(NAMESPACE)), LastBlobList.encode({ height }));
    this.#last = height;
  }

  headAt(height: number): void {
    this.#height = height;
    for (const listener of [...this.#listeners]) listener();
  }
}

describe('a list that breaks the rules of the state', () => {
  it.each([
    ['names no blob', { previous: 0, blobIds: [] }],
    ['says that it is before itself', { previous: 9, blobIds: [blobId()] }],
    ['says that a later one is before it', { previous: 12, blobIds: [blobId()] }],
  ])('and %s is an error, and leads nowhere', async (_what, list) => {
    const state = new ListState();
    state.record(4);
    state.write(9, list);
    state.headAt(20);
    expect(await codeOfPromise(new BlobLists(state).list(NAMESPACE))).toBe('PROOF');
    expect(await codeOfPromise(new BlobLists(state).at(NAMESPACE, 9))).toBe('PROOF');
  });

  it('and names one blob twice, or lies above the head, is one too', async () => {
    const state = new ListState();
    const twice = blobId();
    state.write(9, { previous: 0, blobIds: [twice, twice] });
    state.headAt(20);
    expect(await codeOfPromise(new BlobLists(state).list(NAMESPACE))).toBe('PROOF');
    state.write(9, { previous: 0, blobIds: [twice] });
    state.headAt(9);
    expect(await codeOfPromise(new BlobLists(state).list(NAMESPACE))).toBe('PROOF');
  });
});

function stateWith(heights: readonly number[]) {
  const state = new ListState();
  for (const height of heights) state.record(height);
  return { state, lists: new BlobLists(state) };
}

describe('lists of blobs', () => {
  const heights = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 40, 41, 900];

  it('newest first, each once, down to the first', async () => {
    const { lists } = stateWith(heights);
    const found = await lists.list(NAMESPACE);
    expect(found.map(({ height }) => height)).toEqual([...heights].reverse());
    expect(found.every(({ provedAt }) => provedAt === 901)).toBe(true);
    expect(found.at(-1)?.previous).toBe(0);
    expect(await lists.list(utf8('others'))).toEqual([]);
    expect(await lists.list(ALL_BLOBS)).toEqual([]);
  });

  it('pages follow one another without a gap', async () => {
    const { lists } = stateWith(heights);
    const pages: number[] = [];
    let below: number | undefined;
    while (below !== 0) {
      const page = await lists.list(NAMESPACE, { limit: 3, ...(below === undefined ? {} : { below }) });
      pages.push(...page.map(({ height }) => height));
      below = page.at(-1)?.previous ?? 0;
    }
    expect(pages).toEqual([...heights].reverse());
    expect((await lists.list(NAMESPACE, { below: 39, above: 9 })).map(({ height }) => height)).toEqual([12, 11, 10]);
    expect(await lists.list(NAMESPACE, { below: 0 })).toEqual([]);
  });

  it('of one block: its blobs, or the proof that it has none', async () => {
    const { lists } = stateWith([3, 9]);
    expect((await lists.at(NAMESPACE, 9)).blobIds).toHaveLength(1);
    expect(await lists.at(NAMESPACE, 8)).toEqual({ height: 8, blobIds: [], provedAt: 10 });
    expect(await codeOfPromise(lists.at(NAMESPACE, 10))).toBe('UNPROVEN');
  });

  it('that lie close together are read several at once', async () => {
    const { state, lists } = stateWith(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(await lists.list(NAMESPACE)).toHaveLength(100);
    expect(state.asked.length).toBeLessThan(20);
  });

  it.each([
    ['without an id', { previous: 3, blobIds: [] }],
    ['with an id twice', { previous: 3, blobIds: Array(2).fill(new Uint8Array(33)) }],
    ['that is before itself', { previous: 9, blobIds: [blobId()] }],
    ['after one that is not there', { previous: 4, blobIds: [blobId()] }],
    ['that passes over one', { previous: 0, blobIds: [blobId()] }],
  ])('%s: refused', async (_what, list) => {
    const { state, lists } = stateWith([3, 7, 8]);
    state.write(9, list);
    state.write(10, { previous: 9, blobIds: [blobId()] });
    state.headAt(11);
    expect(await codeOfPromise(lists.list(NAMESPACE))).toBe('PROOF');
  });

  it('a last list in a block that is not there yet: refused', async () => {
    const { state, lists } = stateWith([3]);
    state.write(9, { previous: 3, blobIds: [blobId()] });
    expect(await codeOfPromise(lists.list(NAMESPACE))).toBe('PROOF');
  });

  it.each([{ limit: 0 }, { limit: MAX_LISTED_HEIGHTS + 1 }, { limit: 1.5 }, { below: -1 }, { below: 0.5 }])(
    '%j: refused',
    async (range) => {
      const { lists } = stateWith([3]);
      expect(await codeOfPromise(lists.list(NAMESPACE, range))).toBe('INVALID_ARGUMENT');
      expect(await codeOfPromise(lists.list(new Uint8Array(29)))).toBe('INVALID_ARGUMENT');
    },
  );

  it('stop where ids would be too many', async () => {
    const state = new ListState();
    for (let height = 1; height <= 18; height++) state.record(height, 4_096);
    expect(await new BlobLists(state).list(NAMESPACE)).toHaveLength(16);
  });
});

describe('a watch of a namespace', () => {
  function watch(state: ListState, listener: (listing: BlobListing) => void) {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    return new ListWatch({
      lists: new BlobLists(state),
      namespace: NAMESPACE,
      listener,
      onHead: state.onHead,
      signal: stop.signal,
    });
  }

  it('tells what comes after it began, in order, and nothing twice', async () => {
    const { state } = stateWith([3, 4]);
    const seen: BlobListing[] = [];
    watch(state, (listing) => seen.push(listing));
    await eventually(() => expect(state.asked.length).toBeGreaterThan(0));
    const listed = [];
    for (const height of [5, 6, 9, 30]) {
      listed.push(state.record(height));
      state.headAt(height + 1); // the same once more
      await eventually(() => expect(seen).toHaveLength(listed.length));
    }
    expect(seen).toEqual(listed);
  });

  it('catches up without a gap with what it could not see', async () => {
    const { state } = stateWith([3]);
    const seen: number[] = [];
    watch(state, ({ height }) => seen.push(height));
    await eventually(() => expect(state.asked.length).toBeGreaterThan(0));
    state.broken = true;
    const missed = Array.from({ length: 2 * MAX_LISTED_HEIGHTS + 7 }, (_, i) => 5 + i);
    for (const height of missed) state.record(height);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
    state.broken = false;
    state.headAt(5_000);
    await eventually(() => expect(seen).toEqual(missed));
  });

  it('begins with a namespace that has no list yet', async () => {
    const state = new ListState();
    const seen: number[] = [];
    watch(state, ({ height }) => seen.push(height));
    await eventually(() => expect(state.asked.length).toBeGreaterThan(0));
    state.record(2);
    await eventually(() => expect(seen).toEqual([2]));
  });

  it('says nothing more when it is stopped', async () => {
    const { state } = stateWith([3]);
    const seen: number[] = [];
    const watching = watch(state, ({ height }) => {
      seen.push(height);
      watching.stop();
    });
    await eventually(() => expect(state.asked.length).toBeGreaterThan(0));
    state.broken = true;
    for (const height of [4, 5, 6]) state.record(height);
    state.broken = false;
    state.headAt(20);
    await eventually(() => expect(seen).toEqual([4]));
    state.record(21);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([4]);
  });
});
