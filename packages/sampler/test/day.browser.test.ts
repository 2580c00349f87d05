/**
 * A day of a page: the engine with its worker, IndexedDB and private file system, over WebSocket to a network of another process, at one header a second
 * of a clock that leaps. In the ordinary run some minutes of it.
 */
import type { Clock } from '@perigee/light-core/roles';
import { systemClock } from '@perigee/net';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createLightNode, type LightNodeState } from '../src/index.ts';

const isLong = process.env.PERIGEE_LONG === '1';
const SECONDS = isLong ? 86_400 : 80;
const BLOB_EVERY = 60;
/** Parts after each of which memory is looked at. */
const HOURS = 24;
const MAX_STORED_BYTES = 50e6;
/** What a collector may have left. */
const MAX_GROWTH_BYTES = 3e6;
/** Real time that one header may take, milliseconds: something hangs otherwise. */
const PATIENCE_MS = 30_000;

/** Time that passes as it does, and leaps forward. */
class LeapingClock implements Clock {
  readonly #sleepers = new Set<() => void>();
  #aheadMs: number;

  constructor(now: number) {
    this.#aheadMs = now - Date.now();
  }

  now(): number {
    return Date.now() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    for (let left = ms; left > 0; left = until - this.now()) {
      const leapt = new AbortController();
      const leap = (): void => leapt.abort();
      this.#sleepers.add(leap);
      signal?.addEventListener('abort', leap, { once: true });
      await systemClock.sleep(left, leapt.signal).catch(() => {});
      signal?.removeEventListener('abort', leap);
      this.#sleepers.delete(leap);
      if (signal?.aborted) throw signal.reason;
    }
  }

  /** Never back. */
  leap(now: number): void {
    this.#aheadMs = Math.max(this.#aheadMs, now - Date.now());
    for (const wake of [...this.#sleepers]) wake();
  }
}

interface Day {
  readonly url: string;
  readonly trustRoot: string;
  readonly now: number;
}

it(
  'keeps within 50 MB, and its memory is flat in the second half',
  async () => {
    const day = (await (await fetch(`${inject('lobby')}/day-network`)).json()) as Day;
    const clock = new LeapingClock(day.now);
    const before = (await navigator.storage.estimate()).usage ?? 0;
    const node = createLightNode({ trustRoot: day.trustRoot, clock, workers: 1, store: {} });
    onTestFinished(() => node.stop());
    await node.start();
    const memory: number[] = [];
    let height = 0;
    const make = async (second: number): Promise<{ height: number; now: number }> => {
      const blob = second % BLOB_EVERY === 1 ? '?blob=1' : '';
      const answer = await fetch(`${day.url}${blob}`, { method: 'POST' });
      if (!answer.ok) throw new Error(`the network of another process: ${await answer.text()}`);
      return (await answer.json()) as { height: number; now: number };
    };
    let next = make(1);
    for (let second = 1; second <= SECONDS; second++) {
      const made = await next;
      if (second < SECONDS) next = make(second + 1); // a second ahead, which no clock minds: both processes have something to do
      height = made.height;
      clock.leap(made.now);
      await until(node, ({ head, blobs }) => (head?.height ?? 0) >= height && blobs.every(({ phase }) => isOver(phase)));
      if (second % Math.ceil(SECONDS / HOURS) === 0) memory.push(await usedMemory());
    }
    const { usage = 0 } = await navigator.storage.estimate();
    const { rowsVerified, storage, blobs, headers } = node.state;
    const second = memory.slice(memory.length / 2);
    console.log(
      `${SECONDS} headers: product.storage_24h_mb ${((usage - before) / 1e6).toFixed(1)} (${((storage?.usedBytes ?? 0) / 1e6).toFixed(1)} by its own count), ${rowsVerified} rows, memory by the hour, MB: ${memory.map((bytes) => (bytes / 1e6).toFixed(1)).join(' ')}`,
    );
    expect(headers[0]?.height).toBe(height);
    expect(node.state.error).toBeUndefined();
    expect(blobs.every(({ outcome }) => outcome === 'available')).toBe(true);
    expect(rowsVerified).toBeGreaterThanOrEqual(20 * Math.floor((SECONDS - 10) / BLOB_EVERY));
    expect(storage?.error).toBeUndefined();
    expect(usage - before).toBeLessThanOrEqual(MAX_STORED_BYTES);
    if (isLong) expect(slope(second) * second.length).toBeLessThanOrEqual(MAX_GROWTH_BYTES);
  },
  isLong ? 4 * 3_600_000 : 120_000,
);

function isOver(phase: string): boolean {
  return phase === 'done' || phase === 'failed';
}

function until(
  node: { readonly state: LightNodeState; subscribe(listener: (state: LightNodeState) => void): () => void },
  holds: (state: LightNodeState) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      stop();
      settle();
    };
    const look = (state: LightNodeState): void => {
      if (holds(state)) end(resolve);
    };
    const timer = setTimeout(() => end(() => reject(new Error(`it hangs: ${toldOf(node.state)}`))), PATIENCE_MS);
    const stop = node.subscribe(look);
    look(node.state);
  });
}

function toldOf({ phase, error, head, peers, blobs, events }: LightNodeState): string {
  const shown = blobs.map(({ blobId, phase: at, outcome, error: why }) => ({ blobId, at, outcome, why }));
  const known = peers.map(({ peerId, roles, connected, banned, error: why }) => ({ peerId, roles, connected, banned, why }));
  return JSON.stringify({ phase, error, height: head?.height, known, shown, events: events.slice(-12) });
}

/** Bytes of the page and its workers, where the browser tells; else of what JavaScript has in the page. */
async function usedMemory(): Promise<number> {
  const { memory } = performance as { readonly memory?: { readonly usedJSHeapSize: number } };
  const measure = (performance as { measureUserAgentSpecificMemory?: () => Promise<{ readonly bytes: number }> })
    .measureUserAgentSpecificMemory;
  if (!isLong || measure === undefined) return memory?.usedJSHeapSize ?? 0;
  return (await measure.call(performance)).bytes;
}

/** Of the straight line nearest to the values, for each step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0) / spread;
}
