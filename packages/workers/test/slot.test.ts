import { expect, test } from 'vitest';
import { createPool, type WorkerLike } from '../src/index.ts';
import type { WorkerEvents } from '../src/worker.ts';

/** A worker that answers what it is told to. */
function odd(answer: (id: number) => unknown): { spawn: () => WorkerLike; ended: () => number } {
  let ended = 0;
  const spawn = (): WorkerLike => {
    let events: WorkerEvents | undefined;
    return {
      listen: (given) => {
        events = given;
      },
      post: (message) => void queueMicrotask(() => events?.message(answer((message as { id: number }).id))),
      terminate: async () => {
        ended++;
      },
    };
  };
  return { spawn, ended: () => ended };
}

test.each([
  ['a job that does not run', (id: number) => ({ type: 'done', id: id + 1, output: 1 })],
  ['nothing that it may say', () => ({ type: 'done' })],
  ['no object', () => null],
])('a worker that answers %s ends, and its job fails', async (_what, answer) => {
  const worker = odd(answer);
  const pool = createPool<{ echo: (value: number) => number }>({ spawn: worker.spawn, size: 1 });
  await expect(pool.run('echo', 1)).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(worker.ended()).toBe(1);
  await pool.close();
});
