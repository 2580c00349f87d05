import { PerigeeError } from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { spawnAnswerWorker } from '#answer-worker';
import type { AnswerExpectation, AnswerJobs, AnswerStand, BeginInput, JudgedReceipt, TakeInput } from './answer-jobs.ts';

/** Checks answers and receipts in a worker of its own, which starts with the first. */
export class AnswerChecker {
  readonly #pool = createPool<AnswerJobs>({ spawn: spawnAnswerWorker, size: 1 });
  #ids = 0;

  /**
   * Begins with what the provider says that it runs.
   *
   * @returns how that stands, and what checks all that follows, one call after another
   * @throws ABORTED; BUSY; INTERNAL when the worker died
   */
  async begin(
    input: Omit<BeginInput, 'id'>,
    signal: AbortSignal,
  ): Promise<{ readonly stand: AnswerStand; readonly check: OpenCheck }> {
    const id = ++this.#ids;
    const leave = (): void => void this.#pool.run('leave', { id }).catch(() => {}); // a worker that is gone has forgotten it
    const stand = await this.#pool.run('begin', { ...input, id }, { signal }).catch((error: unknown) => {
      // who gives up while it begins has left all the same
      leave();
      throw error;
    });
    return { stand, check: { take: (taken) => this.#pool.run('take', { ...taken, id }, { signal }), leave } };
  }

  /**
   * @param expectedOf what its reader knows from elsewhere, looked up by what the file says
   * @throws PARSE, UNKNOWN_VERSION, NOT_CANONICAL for a file that is no receipt; ABORTED, INTERNAL; what `expectedOf` throws. All else is in the report
   */
  async judge(
    file: Uint8Array,
    expectedOf: (opened: JudgedReceipt['opened']) => Promise<AnswerExpectation>,
    signal: AbortSignal,
  ): Promise<JudgedReceipt> {
    const opened = await this.#pool.run('read', { file }, { signal });
    const expected = await expectedOf(opened);
    signal.throwIfAborted();
    return this.#pool.run('judge', { file, expected }, { signal });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

export interface OpenCheck {
  /** @throws INTERNAL when the worker died; ABORTED */
  take(input: Omit<TakeInput, 'id'>): Promise<AnswerStand>;
  leave(): void;
}

/** What a stand says that failed. */
export function failureOf({ failed }: AnswerStand): PerigeeError | undefined {
  return failed === undefined ? undefined : PerigeeError.fromObject(failed);
}
