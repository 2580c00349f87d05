import { type ErrorCode, PerigeeError } from '@perigee/wire';
import { canShareMemory, createPool, type Pool, type WorkerLike } from '../src/index.ts';
import type { ProbeJobs } from './jobs/probe.job.ts';

type Check = (spawn: () => WorkerLike) => Promise<void>;

/**
 * What every pool must do, wherever it runs. Plain functions that throw, so that a worker without a test runner can run them too.
 */
export const checks: Readonly<Record<string, Check>> = {
  'clones inputs and outputs': withPool(2, async (pool) => {
    const input = { text: 'row', bytes: Uint8Array.of(1, 2, 3), map: new Map([[1n, new Date(5)]]) };
    const output = (await pool.run('echo', input)) as typeof input;
    same(output.bytes, input.bytes);
    same(output.map.get(1n)?.getTime(), 5);
    same(input.bytes.length, 3);
  }),

  'moves buffers in and out': withPool(1, async (pool) => {
    const buffer = new ArrayBuffer(1 << 16);
    const output = await pool.run('fill', { buffer, value: 9 }, { transfer: [buffer] });
    same(buffer.byteLength, 0);
    same(output.byteLength, 1 << 16);
    same(new Uint8Array(output)[65_535], 9);
  }),

  'works on shared memory where there is some, and says where not': withPool(3, async (pool) => {
    if (!canShareMemory()) return;
    const words = new Int32Array(new SharedArrayBuffer(64));
    await Promise.all(Array.from({ length: 30 }, () => pool.run('increment', words)));
    same(
      [...words],
      Array.from({ length: 16 }, () => 30),
    );
  }),

  'runs many jobs, each answered with its own output': withPool(3, async (pool) => {
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    same(await Promise.all(numbers.map((i) => pool.run('echo', i))), numbers);
  }),

  'ends a worker that is to retire, with all that it remembered': withPool(1, async (pool) => {
    await pool.run('remember', 7);
    same(await pool.run('recall', undefined as never), 7);
    same(await pool.run('recall', undefined as never, { retire: true }), 7);
    const later = await Promise.all([0, 1, 2].map(() => pool.run('recall', undefined as never)));
    same(later, [0, 0, 0]);
  }),

  'carries errors with code, data and cause': withPool(1, async (pool) => {
    const error = await refused(pool.run('refuse', undefined as never), 'ROW_PATH');
    same(error.message, 'the path is wrong');
    same(error.data, { index: 7 });
    same((error.cause as PerigeeError).code, 'PARSE');
    same((await refused(pool.run('throwString', undefined as never), 'INTERNAL')).message, 'words only');
    same(await pool.run('echo', 1), 1);
  }),

  'refuses what cannot cross and what it has no job for': withPool(1, async (pool) => {
    await refused(
      pool.run('echo', () => 0),
      'INVALID_ARGUMENT',
    );
    await refused(pool.run('unsendable', undefined as never), 'INTERNAL');
    await refused(pool.run('toString' as 'echo', 0), 'INVALID_ARGUMENT');
    same(await pool.run('echo', 2), 2);
  }),

  'keeps jobs of one key, or of one worker, together': withPool(3, async (pool) => {
    await pool.run('remember', 41, { affinity: 'blob' });
    same(
      await Promise.all(Array.from({ length: 20 }, () => pool.run('recall', undefined as never, { affinity: 'blob' }))),
      Array(20).fill(41),
    );
    await Promise.all([0, 1, 2].map((worker) => pool.run('remember', worker, { affinity: worker })));
    same(await Promise.all([5, 4, 3].map((worker) => pool.run('recall', undefined as never, { affinity: worker }))), [2, 1, 0]);
  }),

  'drops a waiting job on abort': withPool(1, async (pool) => {
    const stop = new AbortController();
    const drop = new AbortController();
    const running = pool.run('untilAborted', null, { signal: stop.signal });
    const waiting = pool.run('remember', 99, { signal: drop.signal });
    drop.abort();
    await refused(waiting, 'ABORTED');
    stop.abort();
    await refused(running, 'ABORTED');
    same(await pool.run('recall', undefined as never), 0);
  }),

  'fires the signal of a running job and drops its result': withPool(1, async (pool) => {
    await refused(pool.run('untilAborted', null, { signal: AbortSignal.timeout(50) }), 'TIMEOUT');
    same(await pool.run('countCancelled', undefined as never), 1);
    await refused(pool.run('echo', 1, { signal: AbortSignal.abort() }), 'ABORTED');
    await refused(pool.run('echo', 1, { signal: AbortSignal.abort(new PerigeeError('BUSY', 'elsewhere')) }), 'BUSY');
  }),

  'bounds its queue': async (spawn) => {
    const pool = createPool<ProbeJobs>({ spawn, size: 1, queue: 2 });
    const stop = new AbortController();
    const jobs = [
      pool.run('untilAborted', null, { signal: stop.signal }),
      pool.run('echo', 1),
      pool.run('echo', 2, { affinity: 0 }),
    ];
    await refused(pool.run('echo', 3), 'BUSY');
    stop.abort();
    await refused(jobs[0], 'ABORTED');
    same(await Promise.all(jobs.slice(1)), [1, 2]);
    await pool.close();
  },

  'replaces a worker that died, and loses only its job': withPool(1, async (pool) => {
    await pool.run('remember', 5);
    const dying = pool.run('die', undefined as never);
    const next = pool.run('recall', undefined as never);
    await refused(dying, 'INTERNAL');
    same(await next, 0);
  }),

  'gives up a place in which workers keep dying, and leaves the rest': withPool(2, async (pool) => {
    for (let i = 0; i < 4; i++) await refused(pool.run('die', undefined as never, { affinity: 0 }), 'INTERNAL');
    await refused(pool.run('echo', 1, { affinity: 0 }), 'INTERNAL');
    same(await Promise.all([pool.run('echo', 2), pool.run('echo', 3, { affinity: 1 })]), [2, 3]);
  }),

  'takes a worker that sends what serveJobs does not for dead': async (spawn) => {
    const pool = createPool<ProbeJobs>({ spawn: () => babbling(spawn()), size: 1 });
    for (let i = 0; i < 4; i++) await refused(pool.run('echo', 1), 'INTERNAL');
    same((await refused(pool.run('echo', 1), 'INTERNAL')).message, 'no worker of this pool stays alive');
    await pool.close();
  },

  'refuses everything once closed': async (spawn) => {
    const pool = createPool<ProbeJobs>({ spawn, size: 1 });
    const jobs = [pool.run('untilAborted', null), pool.run('echo', 1), pool.run('echo', 2, { affinity: 0 })].map((job) =>
      refused(job, 'ABORTED'),
    );
    await pool.close();
    await Promise.all(jobs);
    await refused(pool.run('echo', 1), 'ABORTED');
    await pool.close();
  },
};

function withPool(size: number, check: (pool: Pool<ProbeJobs>) => Promise<void>): Check {
  return async (spawn) => {
    const pool = createPool<ProbeJobs>({ spawn, size });
    try {
      await check(pool);
    } finally {
      await pool.close();
    }
  };
}

/** A worker that says something of its own before each answer. */
function babbling(worker: WorkerLike): WorkerLike {
  return {
    ...worker,
    listen: (events) =>
      worker.listen({
        ...events,
        message(value) {
          events.message({ type: 'done', id: -1 });
          events.message(value);
        },
      }),
  };
}

async function refused(promise: Promise<unknown> | undefined, code: ErrorCode): Promise<PerigeeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PerigeeError && error.code === code) return error;
    throw error;
  }
  throw new Error(`resolved, though ${code} was due`);
}

function same(value: unknown, due: unknown): void {
  const [a, b] = [value, due].map((part) => JSON.stringify(part));
  if (a !== b) throw new Error(`${a} is not ${b}`);
}
