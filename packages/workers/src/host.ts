import { type Transferable as NodeTransferable, parentPort } from 'node:worker_threads';
import { PerigeeError } from '@perigee/wire';
import type { Host } from './serve.ts';

/** The worker thread that this module runs in. */
export function currentHost(): Host {
  const port = parentPort;
  if (port === null) throw new PerigeeError('UNSUPPORTED', 'serveJobs was called outside a worker thread');
  return {
    post: (message, transfer) => port.postMessage(message, transfer as readonly NodeTransferable[]),
    listen: (message) => void port.on('message', message),
  };
}
