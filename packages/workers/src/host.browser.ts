import { PerigeeError } from '@perigee/wire';
import type { Host } from './serve.ts';

/** What of DedicatedWorkerGlobalScope is used here; the page's types do not describe it. */
interface WorkerScope {
  postMessage(message: unknown, transfer: readonly Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** The Web Worker that this module runs in. */
export function currentHost(): Host {
  if (typeof document !== 'undefined') throw new PerigeeError('UNSUPPORTED', 'serveJobs was called in a page, not in a worker');
  const scope = globalThis as unknown as WorkerScope;
  return {
    post: (message, transfer) => scope.postMessage(message, [...transfer]),
    listen: (message) => scope.addEventListener('message', (event) => message(event.data)),
  };
}
