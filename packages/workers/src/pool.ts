import { MAX_QUEUED_JOBS, PerigeeError } from '@perigee/wire';
import type { JobInput, JobName, JobOutput, JobTable } from './job.ts';
import { type Job, Slot } from './slot.ts';
import type { WorkerLike } from './worker.ts';

export interface PoolOptions {
  /** Starts one worker; called when a job first needs it, and again when it died. */
  readonly spawn: () => WorkerLike;
  /** Workers at most, at least 1. */
  readonly size: number;
  /** Jobs that may wait, `MAX_QUEUED_JOBS` by default: past it `run` is refused with BUSY. */
  readonly queue?: number;
}

export interface RunOptions {
  /** Gives up: a waiting job is dropped, a running job's own signal fires and its result is dropped. */
  readonly signal?: AbortSignal;
  /** Buffers in the input that move to the worker, at the moment when the job starts. */
  readonly transfer?: readonly Transferable[];
  /**
   * Jobs of equal key run in the same worker, in order, because they use what an earlier job left in its memory: a number is the worker
   * (modulo `size`), a string is spread over all. A worker that died comes back empty, so a job must be able to say that it finds nothing.
   */
  readonly affinity?: string | number;
  /**
   * Ends the worker after the job, and gives back its memory: WebAssembly's never shrinks by itself. Jobs that come later start another, and
   * find nothing of what was left in this one.
   */
  readonly retire?: boolean;
}

/** Runs the jobs of `Table` in up to `size` workers, one job at a time in each, first come first served. */
export interface Pool<Table extends JobTable> {
  readonly size: number;
  /** Time that jobs have run in its workers so far, summed over the workers, milliseconds. */
  busyMs(): number;
  /**
   * @throws whatever the job threw, as a PerigeeError
   * @throws ABORTED or TIMEOUT by the signal's reason; ABORTED when the pool is closed
   * @throws BUSY when too many jobs wait
   * @throws INVALID_ARGUMENT when the input cannot be cloned, or there is no such job
   * @throws INTERNAL when the worker died with the job, or keeps dying
   */
  run<Name extends JobName<Table>>(
    name: Name,
    input: JobInput<Table, Name>,
    options?: RunOptions,
  ): Promise<JobOutput<Table, Name>>;
  /** Ends every worker at once and refuses all jobs, those that run too. */
  close(): Promise<void>;
}

/** @throws INVALID_ARGUMENT when `size` or `queue` is not a positive integer */
export function createPool<Table extends JobTable>({ spawn, size, queue = MAX_QUEUED_JOBS }: PoolOptions): Pool<Table> {
  if (!(Number.isSafeInteger(size) && size > 0))
    throw new PerigeeError('INVALID_ARGUMENT', `a pool of ${size} workers cannot be made`);
  if (!(Number.isSafeInteger(queue) && queue > 0))
    throw new PerigeeError('INVALID_ARGUMENT', `a queue of ${queue} jobs cannot be made`);
  // A Set is a queue with removal in constant time: it iterates in order of insertion.
  const shared = new Set<Job>();
  const slots = Array.from({ length: size }, () => new Slot(spawn, shared, serve));
  let order = 0;
  let closed = false;

  function waiting(): number {
    return slots.reduce((sum, slot) => sum + slot.pinned.size, shared.size);
  }

  /** Hands waiting jobs to free workers: those that run already first, so that no worker is started without need. */
  function serve(): void {
    for (const slot of slots) if (slot.started) slot.next();
    for (const slot of slots) if (!slot.started) slot.next();
    if (shared.size > 0 && slots.every((slot) => slot.broken !== undefined)) {
      const cause = slots[0]?.broken;
      for (const job of drain(shared)) job.reject(new PerigeeError('INTERNAL', 'no worker of this pool stays alive', { cause }));
    }
  }

  return {
    size,
    busyMs: () => slots.reduce((sum, slot) => sum + slot.busyMs, 0),
    run: (name, input, { signal, transfer = [], affinity, retire = false } = {}) =>
      new Promise((resolve, reject) => {
        if (closed) throw new PerigeeError('ABORTED', `job "${name}" came after the pool was closed`);
        if (signal?.aborted) throw abortError(signal);
        if (waiting() >= queue)
          throw new PerigeeError('BUSY', `${queue} jobs wait already; try again later`, { data: { queue } });
        const line = affinity === undefined ? shared : (slots[slotOf(affinity, size)] as Slot).pinned;
        const onAbort = () => {
          if (!line.delete(job)) job.cancel?.();
          job.reject(abortError(signal as AbortSignal));
        };
        const settled = () => signal?.removeEventListener('abort', onAbort);
        const job: Job = {
          order: order++,
          name,
          input,
          transfer,
          retire,
          resolve(output) {
            settled();
            resolve(output as never);
          },
          reject(error) {
            settled();
            reject(error);
          },
        };
        signal?.addEventListener('abort', onAbort);
        line.add(job);
        serve();
      }),
    async close() {
      closed = true;
      const error = new PerigeeError('ABORTED', 'the pool was closed');
      for (const job of drain(shared)) job.reject(error);
      await Promise.all(slots.map((slot) => slot.close(error)));
    },
  };
}

function* drain(queue: Set<Job>): Iterable<Job> {
  for (const job of queue) {
    queue.delete(job);
    yield job;
  }
}

/** FNV-1a of the key: spreads keys without remembering any. */
function slotOf(affinity: string | number, size: number): number {
  if (typeof affinity === 'number') return Math.abs(Math.trunc(affinity)) % size || 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < affinity.length; i++) hash = Math.imul(hash ^ affinity.charCodeAt(i), 0x01000193) >>> 0;
  return hash % size;
}

function abortError(signal: AbortSignal): PerigeeError {
  const reason = PerigeeError.from(signal.reason);
  return reason.code === 'INTERNAL' ? new PerigeeError('ABORTED', 'the caller gave up', { cause: reason }) : reason;
}
