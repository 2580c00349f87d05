import { ABORTED_JOB_MS } from '@perigee/wire';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { spawnMissing, spawnNested, spawnProbe } from '#test-workers';
import { canShareMemory, createPool, serveJobs } from '../src/index.ts';
import { checks } from './checks.ts';
import type { NestedJobs } from './jobs/nested.job.ts';
import type { ProbeJobs } from './jobs/probe.job.ts';

describe('a pool here', () => {
  for (const [name, check] of Object.entries(checks)) test(name, () => check(spawnProbe));

  test('fails its jobs when the worker cannot be loaded', async () => {
    const pool = createPool<{ echo: (value: number) => number }>({ spawn: spawnMissing, size: 1 });
    await expect(pool.run('echo', 1)).rejects.toMatchObject({ code: 'INTERNAL' });
    await pool.close();
  });

  test('fails its jobs when no worker can be started', async () => {
    const spawn = () => {
      throw new Error('not allowed here');
    };
    const pool = createPool<{ echo: (value: number) => number }>({ spawn, size: 2 });
    const jobs = Array.from({ length: 20 }, (_, i) => pool.run('echo', i));
    for (const result of await Promise.allSettled(jobs))
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } });
    await pool.close();
  });

  describe('after a job was given up', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
    afterEach(() => void vi.useRealTimers());

    test('takes the worker away from a job that runs on', async () => {
      const pool = createPool<ProbeJobs>({ spawn: spawnProbe, size: 1 });
      const stop = new AbortController();
      const endless = pool.run('endless', undefined as never, { signal: stop.signal });
      stop.abort();
      await expect(endless).rejects.toMatchObject({ code: 'ABORTED' });
      const next = pool.run('echo', 1);
      vi.advanceTimersByTime(ABORTED_JOB_MS);
      expect(await next).toBe(1);
      await pool.close();
    });

    test('leaves the worker to one that stops', async () => {
      const pool = createPool<ProbeJobs>({ spawn: spawnProbe, size: 1 });
      const stop = new AbortController();
      const stopping = pool.run('untilAborted', null, { signal: stop.signal });
      stop.abort();
      await expect(stopping).rejects.toMatchObject({ code: 'ABORTED' });
      await pool.run('remember', 7);
      const running = pool.run('recall', undefined as never);
      vi.advanceTimersByTime(ABORTED_JOB_MS);
      expect(await running).toBe(7);
      await pool.close();
    });
  });

  test.each([0, -1, 1.5, Number.NaN])('cannot have %s workers', (size) => {
    expect(() => createPool({ spawn: spawnProbe, size })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  test('is not served outside a worker', () => {
    expect(() => serveJobs({})).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('shares memory in Node and in a cross-origin isolated page only', () => {
    const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
    expect(canShareMemory()).toBe(isolated ?? true);
  });
});

describe('a pool in a worker', () => {
  const outer = createPool<NestedJobs>({ spawn: spawnNested, size: 1 });
  afterAll(() => outer.close());
  for (const name of Object.keys(checks)) test(name, async () => expect(await outer.run('check', name)).toBe(true));
});
