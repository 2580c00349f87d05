import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Transferable as NodeTransferable, type ResourceLimits, Worker } from 'node:worker_threads';
import { PerigeeError } from '@perigee/wire';
import type { WorkerLike } from './worker.ts';

const MAX_PARENTS = 16;

/**
 * A file that the build made for Node, found both from the bundle (the caller is inside `dist/node`) and from the TypeScript source
 * (the repository's `dist/node`): the nearest folder above the caller decides.
 *
 * @param path below `dist/node`, such as `wasm/codec.simd.wasm`
 * @param caller `import.meta.url` of the caller
 * @throws NOT_FOUND when it was not built
 */
export function builtFile(path: string, caller: string): URL {
  let folder = new URL('.', caller);
  for (let i = 0; i < MAX_PARENTS; i++) {
    for (const below of [path, `dist/node/${path}`]) {
      const file = new URL(below, folder);
      if (existsSync(file)) return file;
    }
    const parent = new URL('..', folder);
    if (parent.href === folder.href) break;
    folder = parent;
  }
  throw new PerigeeError('NOT_FOUND', `dist/node/${path} is missing above ${fileURLToPath(caller)}: run "npm run build"`, {
    data: { path },
  });
}

/** The bundle of job `name`; see `builtFile`. */
export function nodeJob(name: string, caller: string): URL {
  return builtFile(`jobs/${name}.job.js`, caller);
}

/**
 * Starts a worker thread on a bundled job file, for a pool.
 *
 * @param limits of V8's heap in it, where the default is too much for what it does
 */
export function nodeWorker(file: URL, limits: ResourceLimits = {}): WorkerLike {
  const worker = new Worker(file, { resourceLimits: limits });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as readonly NodeTransferable[]),
    listen(events) {
      worker.on('message', (value: unknown) => events.message(value));
      worker.on('messageerror', (error) => events.failed(error));
      worker.on('error', (error) => events.failed(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', (code) => events.failed(new Error(`the worker ended with exit code ${code}`)));
    },
    async terminate() {
      await worker.terminate();
    },
  };
}
