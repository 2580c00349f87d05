import type { Submissions } from '@perigee/light-core/storage';
import { MAX_FILE_QUESTIONS_PER_HEAD, PerigeeError, type StoredFile } from '@perigee/wire';
import type { FlowStore } from '../flow/flow-store.ts';
import type { FileLog } from '../log/file-log.ts';
import type { WaitingFiles } from '../log/waiting-files.ts';
import { takeWaiting } from './segment-upload-service.ts';

/**
 * Looks at every submission once, in order, across restarts: the log knows from then on what belongs into it, and gets what waited for it; and
 * the flow grows by it.
 */
export class SubmissionFollower {
  readonly #log: FileLog;
  readonly #waiting: WaitingFiles;
  readonly #submissions: Submissions;
  readonly #flow: FlowStore | undefined;
  readonly #onFault: (error: PerigeeError) => void;
  #running: Promise<void> | undefined;

  constructor(parts: {
    readonly log: FileLog;
    readonly waiting: WaitingFiles;
    readonly submissions: Submissions;
    /** Grows beside the log, and may be behind it. */
    readonly flow?: FlowStore;
    readonly onFault: (error: PerigeeError) => void;
  }) {
    this.#log = parts.log;
    this.#waiting = parts.waiting;
    this.#submissions = parts.submissions;
    this.#flow = parts.flow;
    this.#onFault = parts.onFault;
  }

  /** One round at a time: heads that come meanwhile are left to the next. */
  onHead(): void {
    this.#running ??= this.#round()
      .catch((error: unknown) => this.#onFault(PerigeeError.from(error)))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when no round runs. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #round(): Promise<void> {
    const log = this.#log;
    const first = Math.min(log.nextTxSeq, this.#flow?.next ?? log.nextTxSeq);
    const end = Math.min(await this.#submissions.count(), first + MAX_FILE_QUESTIONS_PER_HEAD);
    const files: StoredFile[] = [];
    let next = first;
    try {
      for (; next < end; next++) {
        const file = await this.#submissions.byTxSeq(next);
        // a number whose file the state has not wrote to streams at once
        if (file === undefined) continue;
        if (next >= log.nextTxSeq) await this.#take(file);
        files.push(file);
      }
    } finally {
      await log.advance(next);
      await this.#grow(files, next);
    }
  }

  async #take(file: StoredFile): Promise<void> {
    const log = this.#log;
    await log.add(file);
    // whoever brought it is not promised that it stays: on a full disk it must come again
    await takeWaiting(file, { log, waiting: this.#waiting }).catch((error: unknown) => this.#onFault(PerigeeError.from(error)));
  }

  async #grow(files: readonly StoredFile[], end: number): Promise<void> {
    const flow = this.#flow;
    if (flow === undefined) return;
    try {
      await flow.append(
        files.filter(({ txSeq }) => txSeq >= flow.next),
        end,
      );
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      this.#onFault(error);
      // it is the chain's submissions put together: from the next head on once more
      if (error.code === 'STORE_CORRUPT') await flow.reset();
    }
  }
}
