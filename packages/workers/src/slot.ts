import { ABORTED_JOB_MS, MAX_WORKER_RESTARTS, PerigeeError } from '@perigee/wire';
import { parseReply, type Request } from './messages.ts';
import type { WorkerLike } from './worker.ts';

/** A call of `run` until it is settled; settling twice does nothing. */
export interface Job {
  /** Position in the order of calls. */
  readonly order: number;
  readonly name: string;
  readonly input: unknown;
  readonly transfer: readonly Transferable[];
  /** The worker ends with the job. */
  readonly retire: boolean;
  resolve(output: unknown): void;
  reject(error: PerigeeError): void;
  /** Set while the job runs: asks its worker to stop. */
  cancel?: () => void;
}

/** One place in a pool: at most one worker, at most one job in it, and a line of jobs that only it may run. */
export class Slot {
  readonly pinned = new Set<Job>();
  /** Why this place was given up. */
  broken: PerigeeError | undefined;
  #worker: WorkerLike | undefined;
  #running: { readonly id: number; readonly job: Job } | undefined;
  #startedAt = 0;
  #busyMs = 0;
  #ids = 0;
  /** Deaths since a job last finished. */
  #deaths = 0;
  /** Runs from the abort of the running job until it ends. */
  #grace: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly spawn: () => WorkerLike,
    private readonly shared: Set<Job>,
    private readonly onFree: () => void,
  ) {}

  get started(): boolean {
    return this.#worker !== undefined;
  }

  /** Time that jobs have run here so far, milliseconds. */
  get busyMs(): number {
    return this.#busyMs + (this.#running === undefined ? 0 : performance.now() - this.#startedAt);
  }

  /** Starts jobs until one runs or none waits. */
  next(): void {
    while (this.#running === undefined) {
      const job = this.#take();
      if (job === undefined) return;
      if (this.broken === undefined) this.#start(job);
      else job.reject(this.broken);
    }
  }

  async close(error: PerigeeError): Promise<void> {
    this.broken = error;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#free()?.reject(error);
    this.next(); // refuses what is pinned here
    await worker?.terminate();
  }

  /** The older of the two lines' heads; a broken place leaves the shared line to others. */
  #take(): Job | undefined {
    const pinned = first(this.pinned);
    const shared = this.broken === undefined ? first(this.shared) : undefined;
    const job = pinned === undefined || (shared !== undefined && shared.order < pinned.order) ? shared : pinned;
    if (job !== undefined) (job === pinned ? this.pinned : this.shared).delete(job);
    return job;
  }

  #start(job: Job): void {
    const id = ++this.#ids;
    let worker: WorkerLike;
    try {
      worker = this.#worker ??= this.#spawn();
    } catch (cause) {
      this.#running = { id, job };
      this.#startedAt = performance.now();
      this.#died(undefined, cause);
      return;
    }
    try {
      worker.post({ type: 'run', id, name: job.name, input: job.input } satisfies Request, job.transfer);
    } catch (cause) {
      job.reject(
        new PerigeeError('INVALID_ARGUMENT', `the input of job "${job.name}" cannot be sent between threads`, { cause }),
      );
      return;
    }
    this.#running = { id, job };
    this.#startedAt = performance.now();
    job.cancel = () => {
      worker.post({ type: 'cancel', id } satisfies Request, []);
      this.#grace = setTimeout(() => {
        this.#died(
          worker,
          new PerigeeError('TIMEOUT', `job "${job.name}" ran on for ${ABORTED_JOB_MS} ms after it was given up`),
        );
      }, ABORTED_JOB_MS);
    };
  }

  #spawn(): WorkerLike {
    const worker = this.spawn();
    worker.listen({
      message: (value) => this.#answered(worker, value),
      failed: (error) => this.#died(worker, error),
    });
    return worker;
  }

  #answered(worker: WorkerLike, value: unknown): void {
    if (worker !== this.#worker) return;
    const running = this.#running;
    try {
      const reply = parseReply(value);
      if (running?.id !== reply.id) throw new PerigeeError('PARSE', `a worker answered job ${reply.id}, which does not run`);
      this.#deaths = 0;
      this.#free();
      if (running.job.retire) {
        this.#worker = undefined;
        void worker.terminate();
      }
      if (reply.type === 'done') running.job.resolve(reply.output);
      else running.job.reject(PerigeeError.fromObject(reply.error));
      this.onFree();
    } catch (error) {
      this.#died(worker, error);
    }
  }

  /** A worker's death is its job's failure; the next job starts a new worker, unless too many died in a row. */
  #died(worker: WorkerLike | undefined, cause: unknown): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    void worker?.terminate();
    this.#deaths++;
    if (this.#deaths > MAX_WORKER_RESTARTS) {
      this.broken = new PerigeeError('INTERNAL', `a worker died ${this.#deaths} times in a row; its place is given up`, {
        cause,
      });
    }
    const job = this.#free();
    job?.reject(new PerigeeError('INTERNAL', `the worker died while job "${job.name}" ran in it`, { cause }));
    this.onFree();
  }

  #free(): Job | undefined {
    clearTimeout(this.#grace);
    const job = this.#running?.job;
    this.#busyMs = this.busyMs;
    this.#running = undefined;
    return job;
  }
}

function first(queue: Set<Job>): Job | undefined {
  for (const job of queue) return job;
  return undefined;
}
