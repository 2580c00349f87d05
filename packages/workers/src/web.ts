import type { WorkerLike } from './worker.ts';

/**
 * A Web Worker for a pool. The caller writes `new Worker(new URL('./jobs/x.job.ts', import.meta.url), { type: 'module' })` itself,
 * because bundlers look for that expression.
 */
export function webWorker(worker: Worker): WorkerLike {
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    listen(events) {
      worker.addEventListener('message', (event) => events.message(event.data));
      worker.addEventListener('messageerror', () => events.failed(new Error('a message of the worker could not be read')));
      worker.addEventListener('error', (event) => {
        event.preventDefault(); // reported through the pool, not once more as an uncaught error of the page
        events.failed(new Error(event.message || 'the worker did not load'));
      });
    },
    async terminate() {
      worker.terminate();
    },
  };
}
