import { systemClock } from '@perigee/net';
import { type BlobRecord, MAX_PAGES_FIRST_MS, PAGES_FIRST_MS, ROW_STATUS, type RowAnswer, type RowProof } from '@perigee/wire';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Pages } from '../src/pages/index.ts';
import type { Peer } from '../src/peers/peer.ts';
import { PageFetch } from '../src/retrieve/page-fetch.ts';
import { RowPlan } from '../src/retrieve/row-plan.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const K = 64;
const record = { blobId: new Uint8Array(33), k: K, n: 3 * K, rowSize: 64 } as BlobRecord;

/** Asks one page that gives a true row each `everyMs`. @returns what tells whether holders are asked by now */
function askSlowPage(everyMs: number) {
  let held = 0;
  const stop = new AbortController();
  const page = {
    id: 'a page',
    usable: true,
    gave: () => {},
    async *rows({ indices: [index = 0] }: { readonly indices: readonly number[] }): AsyncGenerator<RowAnswer> {
      await systemClock.sleep(everyMs, stop.signal);
      yield { index, status: ROW_STATUS.row, proof: { index, row: new Uint8Array(64), path: new Uint8Array(32) } };
    },
  } as unknown as Peer;
  const help = { usable: () => [page], held: async () => new Uint8Array(K / 2).fill(255) } as unknown as Pages;
  const fetch = new PageFetch({
    record,
    help,
    plan: new RowPlan(record, [], 0),
    add: async (rows: readonly RowProof[]) => {
      held += rows.length;
      return { verdicts: rows.map(() => 'verified' as const), held, originals: held, misfit: undefined };
    },
    note: () => {},
    clock: systemClock,
    signal: stop.signal,
    onLie: () => {},
    onBytes: () => {},
  });
  const next = vi.fn(async () => {});
  const done = fetch.before(next);
  const end = async (): Promise<void> => {
    stop.abort();
    await done;
  };
  return { next, held: () => held, isActive: () => fetch.isActive, end };
}

test('a page that gives a row now and then holds nobody up for long', async () => {
  const { next, held, isActive, end } = askSlowPage(PAGES_FIRST_MS - 100);
  await vi.advanceTimersByTimeAsync(MAX_PAGES_FIRST_MS / 2);
  expect(next).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(MAX_PAGES_FIRST_MS);
  expect(next).toHaveBeenCalledOnce();
  expect(isActive()).toBe(true);
  expect(held()).toBeGreaterThan(5);
  await end();
});

test('a page that gives nothing is not waited for', async () => {
  const { next, end } = askSlowPage(60_000);
  await vi.advanceTimersByTimeAsync(2 * PAGES_FIRST_MS);
  expect(next).toHaveBeenCalledOnce();
  await end();
});

test('a page that refuses a row again and again has lied, and is not asked any more', async () => {
  const lies: string[] = [];
  let frames = 0;
  const page = {
    id: 'a page',
    usable: true,
    async *rows({ indices: [index = 0] }: { readonly indices: readonly number[] }): AsyncGenerator<RowAnswer> {
      for (; frames < 1_000; frames++) yield { index, status: ROW_STATUS.notAssigned };
    },
  } as unknown as Peer;
  const help = { usable: () => [page], held: async () => Uint8Array.of(1) } as unknown as Pages;
  const fetch = new PageFetch({
    record,
    help,
    plan: new RowPlan(record, [], 0),
    add: async () => ({ verdicts: [], held: 0, originals: 0, misfit: undefined }),
    note: () => {},
    clock: systemClock,
    signal: new AbortController().signal,
    onLie: (_page, { code }) => lies.push(code),
    onBytes: () => {},
  });
  await fetch.before(async () => {});
  expect({ lies, frames, isActive: fetch.isActive }).toEqual({ lies: ['PARSE'], frames: 1, isActive: false });
});
