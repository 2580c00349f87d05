import { PerigeeError } from '@perigee/wire';
import type { Signal } from '@preact/signals';
import type { Task } from '../model/index.ts';

/** Tasks in the list; those that ended longest ago go first. */
const MAX_TASKS = 50;

/** What a task reports while it runs. Its share only grows. */
export type Change<T extends Task> = Partial<Omit<T, 'id' | 'kind' | 'status' | 'startedAtMs'>>;

export interface Run<T extends Task> {
  readonly signal: AbortSignal;
  report(change: Change<T>): void;
  /** Called when the task is taken off the list: what it holds is let go. */
  onRemoved(release: () => void): void;
}

/** What runs, and what has ended, newest first. */
export class Tasks {
  readonly #list: Signal<readonly Task[]>;
  readonly #running = new Map<string, AbortController>();
  readonly #releases = new Map<string, () => void>();

  constructor(list: Signal<readonly Task[]>) {
    this.#list = list;
  }

  find(id: string): Task | undefined {
    return this.#list.value.find((task) => task.id === id);
  }

  /** Adds one that does not run. */
  add(task: Task): void {
    const all = [task, ...this.#list.value.filter(({ id }) => id !== task.id)];
    const last = all.findLast(({ status }) => status !== 'running');
    this.#list.value = all;
    if (all.length > MAX_TASKS && last !== undefined) this.remove(last.id);
  }

  /** Runs `work`, and puts what becomes of it into the list. @returns when it has ended, however it did */
  async run<T extends Task>(task: T, work: (run: Run<T>) => Promise<Change<T>>): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(task.id, controller);
    this.add({ ...task, status: 'running' });
    const run: Run<T> = {
      signal,
      report: (change) => {
        if (this.#running.has(task.id)) this.#change(task.id, change);
      },
      onRemoved: (release) => this.#releases.set(task.id, release),
    };
    try {
      const result = await work(run);
      signal.throwIfAborted();
      this.#change(task.id, { ...result, done: 1 });
      this.#change(task.id, { status: 'done', error: undefined });
    } catch (thrown) {
      const error = PerigeeError.from(signal.aborted ? signal.reason : thrown);
      const goesOn = error === INTERRUPTED && task.kind === 'publish';
      this.#change(task.id, { status: goesOn ? 'interrupted' : 'failed', error: goesOn ? undefined : error.toObject() });
    } finally {
      this.#running.delete(task.id);
    }
  }

  /** Ends one that runs; takes one that has ended off the list. */
  cancel(id: string): void {
    const running = this.#running.get(id);
    if (running === undefined) this.remove(id);
    else running.abort(new PerigeeError('ABORTED', 'it was stopped by hand'));
  }

  remove(id: string): void {
    this.#list.value = this.#list.value.filter((task) => task.id !== id);
    this.#releases.get(id)?.();
    this.#releases.delete(id);
  }

  /** Ends all that run. Publishing can go on another time. */
  interrupt(): void {
    for (const running of this.#running.values()) running.abort(INTERRUPTED);
  }

  #change<T extends Task>(id: string, change: Change<T> | Pick<Task, 'status' | 'error'>): void {
    this.#list.value = this.#list.value.map((task) => {
      if (task.id !== id) return task;
      const changed = { ...task, ...change } as Task; // a change names only what tasks of its kind have
      return { ...changed, done: Math.max(task.done, changed.done) };
    });
  }
}

const INTERRUPTED = new PerigeeError('ABORTED', 'the light node was paused, or the page left');
