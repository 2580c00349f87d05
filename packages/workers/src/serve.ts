import { PerigeeError } from '@perigee/wire';
import { currentHost } from '#host';
import type { JobContext, JobTable } from './job.ts';
import { parseRequest, type Reply, type Request } from './messages.ts';
import { Transferred } from './transfer.ts';

/** The thread that serves jobs: a Web Worker (`host.browser.ts`) or a worker thread (`host.ts`), by export condition. */
export interface Host {
  post(message: unknown, transfer: readonly Transferable[]): void;
  listen(message: (value: unknown) => void): void;
}

/**
 * Call once at the top level of a job file: answers a pool's requests with these jobs.
 * Whatever a job throws reaches the caller as a `PerigeeError`.
 *
 * @throws UNSUPPORTED outside a worker
 */
export function serveJobs(table: JobTable): void {
  const host = currentHost();
  const running = new Map<number, AbortController>();

  host.listen((value) => {
    const request = parseRequest(value); // what no pool sends ends the worker: nothing it could answer would be understood
    if (request.type === 'cancel') running.get(request.id)?.abort();
    else void run(request);
  });

  async function run({ id, name, input }: Extract<Request, { type: 'run' }>): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    let reply: Reply;
    let moved: readonly Transferable[] = [];
    try {
      const output = await jobOf(table, name)(input, { signal: controller.signal });
      if (output instanceof Transferred) moved = output.objects;
      reply = { type: 'done', id, output: output instanceof Transferred ? output.value : output };
    } catch (error) {
      reply = { type: 'failed', id, error: PerigeeError.from(error).toObject() };
    }
    running.delete(id);
    try {
      host.post(reply, moved);
    } catch (cause) {
      const error = new PerigeeError('INTERNAL', `the output of job "${name}" cannot be sent between threads`, { cause });
      host.post({ type: 'failed', id, error: error.toObject() } satisfies Reply, []);
    }
  }
}

function jobOf(table: JobTable, name: string): (input: unknown, context: JobContext) => unknown {
  const job = Object.hasOwn(table, name) ? table[name] : undefined;
  if (job === undefined) throw new PerigeeError('INVALID_ARGUMENT', `this worker has no job "${name}"`);
  return job as (input: unknown, context: JobContext) => unknown;
}
