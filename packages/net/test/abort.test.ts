import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { limitedSignal } from '../src/abort.ts';

/** Collects garbage, as a busy program does at any time. */
function createCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

test('a time limit that nobody else holds fires after garbage was collected', async () => {
  const collect = createCollector();
  const reason = new Promise<unknown>((resolve) => {
    const signal = limitedSignal(new AbortController().signal, 200);
    signal.addEventListener('abort', () => resolve(signal.reason));
  });
  const collecting = setInterval(collect, 20);
  await expect(reason).resolves.toMatchObject({ name: 'TimeoutError' });
  clearInterval(collecting);
});

test('the signal itself fires it, and one that has fired does at once', () => {
  const stop = new AbortController();
  const signal = limitedSignal(stop.signal, 60_000);
  expect(signal.aborted).toBe(false);
  stop.abort(new Error('enough'));
  expect(signal.reason).toMatchObject({ message: 'enough' });
  expect(limitedSignal(stop.signal, 60_000).aborted).toBe(true);
});
