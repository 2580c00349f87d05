import { KV_STATE_KEY, resultKey, streamsOfTags } from '@perigee/light-core/kv';
import type { TxOutcome, VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import type { Submissions } from '@perigee/light-core/storage';
import {
  KV_DATA_WITHIN_BLOCKS,
  type KvApply,
  KvState,
  MAX_FILE_QUESTIONS_PER_HEAD,
  MAX_KV_DATA_BYTES,
  MAX_KV_POST_TRIES,
  MAX_KV_POSTS_PER_HEAD,
  MAX_KV_WAITING_POSTS,
  PerigeeError,
  type StoredFile,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';

export interface StreamDataPosterParts {
  readonly state: VerifiedState;
  readonly submissions: Submissions;
  readonly log: FileLog;
  /** Hands a transaction in that brings data, and waits for its block. */
  readonly bring: (message: KvApply) => Promise<TxOutcome>;
  readonly onFault: (error: PerigeeError) => void;
}

interface Waiting {
  readonly file: StoredFile;
  refusals: number;
  /** Height of the head at which it is brought again. */
  notBefore: number;
}

/** Until what a block decided is proved by a header, and one more. */
const HEADS_AFTER_REFUSAL = 3;

/** Brings the data of writes to streams to the chain as soon as all of a file is here: its author pays for the write. */
export class StreamDataPoster {
  readonly #parts: StreamDataPosterParts;
  /** Writes of which nobody has brought the data yet, by number. */
  readonly #waiting = new Map<number, Waiting>();
  #next: number | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #isStopped = false;

  constructor(parts: StreamDataPosterParts) {
    this.#parts = parts;
  }

  /** A new head, or a file that is complete. One round at a time: what comes meanwhile is left to the next. */
  look(): void {
    if (this.#isStopped) return;
    this.#again = this.#running !== undefined;
    this.#running ??= this.#round()
      .catch((error: unknown) => this.#parts.onFault(PerigeeError.from(error)))
      .finally(() => {
        this.#running = undefined;
        if (this.#again) this.look();
      });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #round(): Promise<void> {
    const { state, log } = this.#parts;
    await this.#find();
    const head = state.head();
    let posts = 0;
    for (const waiting of [...this.#waiting.values()]) {
      const { file } = waiting;
      if (this.#isStopped || head === undefined || posts >= MAX_KV_POSTS_PER_HEAD) return;
      const isOver = head.height > file.height + KV_DATA_WITHIN_BLOCKS;
      if (isOver || (await state.get(STORE.kv, resultKey(file.txSeq))) !== undefined) {
        this.#waiting.delete(file.txSeq);
        continue;
      }
      if (head.height < waiting.notBefore || !log.status(file).finalized) continue;
      posts += 1;
      await this.#post(waiting, head.height);
    }
  }

  /** Submissions that write to streams, from the first that may not be decided. */
  async #find(): Promise<void> {
    const { state, submissions } = this.#parts;
    if (this.#next === undefined) {
      const raw = await state.get(STORE.kv, KV_STATE_KEY);
      this.#next = raw === undefined ? 0 : KvState.decodeCanonical(raw).nextDue;
    }
    const end = Math.min(await submissions.count(), this.#next + MAX_FILE_QUESTIONS_PER_HEAD);
    for (; this.#next < end && this.#waiting.size < MAX_KV_WAITING_POSTS; this.#next++) {
      const file = await submissions.byTxSeq(this.#next);
      if (file === undefined || file.length > MAX_KV_DATA_BYTES || streamsOfTags(file.tags).length === 0) continue;
      this.#waiting.set(file.txSeq, { file, refusals: 0, notBefore: 0 });
    }
  }

  async #post(waiting: Waiting, height: number): Promise<void> {
    const { log, bring, onFault } = this.#parts;
    const { txSeq, length } = waiting.file;
    // what a block takes is one segment at most
    const segment = await log.read(txSeq, 0);
    if (typeof segment !== 'object') return;
    const outcome = await bring({ txSeq, data: segment.data.subarray(0, length) });
    if (outcome.code === 0) {
      this.#waiting.delete(txSeq);
      return;
    }
    // most often another node was first, and the next heads say so
    waiting.refusals += 1;
    waiting.notBefore = height + HEADS_AFTER_REFUSAL;
    if (waiting.refusals < MAX_KV_POST_TRIES) return;
    this.#waiting.delete(txSeq);
    onFault(
      new PerigeeError('REFUSED', `the data of write ${txSeq} was not taken: ${outcome.log}`, {
        data: { txSeq, code: outcome.code },
      }),
    );
  }
}
