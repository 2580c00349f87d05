import { PerigeeError } from '@perigee/wire';
import { expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { SharedRun } from '../src/blob/shared-run.ts';

function run(): { shared: SharedRun<string>; end: (value: string) => void; signal: () => AbortSignal } {
  let end = (_value: string): void => {};
  let given = new AbortController().signal;
  const shared = new SharedRun<string>((signal) => {
    given = signal;
    return new Promise((resolve, reject) => {
      end = resolve;
      signal.addEventListener('abort', () => reject(new PerigeeError('ABORTED', 'given up')), { once: true });
    });
  });
  return { shared, end: (value) => end(value), signal: () => given };
}

it('gives everyone what came of it', async () => {
  const { shared, end } = run();
  const all = [1, 2].map(() => shared.join(new AbortController().signal));
  end('done');
  expect(await Promise.all(all)).toEqual(['done', 'done']);
  expect(await shared.join(new AbortController().signal)).toBe('done');
});

it('one gives up alone, and the work goes on for the others', async () => {
  const { shared, end, signal } = run();
  const impatient = new AbortController();
  const first = codeOfPromise(shared.join(impatient.signal));
  const second = shared.join(new AbortController().signal);
  impatient.abort();
  expect(await first).toBe('ABORTED');
  expect([signal().aborted, shared.isGivenUp]).toEqual([false, false]);
  end('done');
  expect(await second).toBe('done');
});

it('ends when the last has given up, and says so', async () => {
  const { shared, signal } = run();
  const stops = [new AbortController(), new AbortController()];
  const joined = stops.map((stop) => codeOfPromise(shared.join(stop.signal)));
  for (const stop of stops) stop.abort();
  expect(await Promise.all(joined)).toEqual(['ABORTED', 'ABORTED']);
  await shared.ended;
  expect([signal().aborted, shared.isGivenUp]).toEqual([true, true]);
});

it('whoever gave up before does not begin to wait', async () => {
  const { shared, signal } = run();
  expect(await codeOfPromise(shared.join(AbortSignal.abort()))).toBe('ABORTED');
  expect(signal().aborted).toBe(false);
});
