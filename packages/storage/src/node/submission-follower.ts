import { MAX_FILE_QUESTIONS_PER_HEAD, PerigeeError } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { WaitingFiles } from '../log/waiting-files.ts';
import { takeWaiting } from './segment-upload-service.ts';
import type { Submissions } from './submissions.ts';

/** Looks at every submission once, in order, across restarts: the log knows from then on what belongs into it, and gets what waited for it. */
export class SubmissionFollower {
  readonly #log: FileLog;
  readonly #waiting: WaitingFiles;
  readonly #submissions: Submissions;
  readonly #onFault: (error: PerigeeError) => void;
  #running: Promise<void> | undefined;

  constructor(parts: {
    readonly log: FileLog;
    readonly waiting: WaitingFiles;
    readonly submissions: Submissions;
    readonly onFault: (error: PerigeeError) => void;
  }) {
    this.#log = parts.log;
    this.#waiting = parts.waiting;
    this.#submissions = parts.submissions;
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
    const first = this.#log.nextTxSeq;
    const end = Math.min(await this.#submissions.count(), first + MAX_FILE_QUESTIONS_PER_HEAD);
    let next = first;
    try {
      for (; next < end; next++) {
        const file = await this.#submissions.byTxSeq(next);
        if (file === undefined) throw new PerigeeError('INTERNAL', `the state counts submission ${next}, and has none`);
        await this.#log.add(file);
        // whoever brought it is not promised that it stays: on a full disk it must come again
        await takeWaiting(file, { log: this.#log, waiting: this.#waiting }).catch((error: unknown) =>
          this.#onFault(PerigeeError.from(error)),
        );
      }
    } finally {
      await this.#log.advance(next);
    }
  }
}
