import type { Clock } from '@perigee/light-core/roles';
import {
  type BlobRecord,
  BUSY_RETRY_MS,
  MAX_BUSY_ANSWERS,
  MAX_PAGES_FIRST_MS,
  PAGES_FIRST_MS,
  PerigeeError,
  ROW_STATUS,
  ROW_TIMEOUT_MS,
  type RowProof,
  toHex,
} from '@perigee/wire';
import type { Pages } from '../pages/index.ts';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { RowFindings } from './retriever.ts';
import { noCodeword } from './row-fetch.ts';
import type { RowPlan } from './row-plan.ts';
import { rowsOfBitmap } from './rows-of-bitmap.ts';

/** Rows that are asked of a page at once: what it gives is slow, and others may be faster. Bytes. */
const BYTES_PER_REQUEST = 128 * 1_024;

export interface PageFetchOptions {
  readonly record: BlobRecord;
  readonly help: Pages;
  readonly plan: RowPlan;
  /** Verifies rows, which move away, and keeps those that hold. */
  readonly add: (rows: readonly RowProof[]) => Promise<RowFindings>;
  /** So many verified rows are there now. */
  readonly note: (held: number) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
  readonly onBytes: (count: number) => void;
}

/**
 * Asks other pages for the rows of a blob that they have: whoever retrieves needs no row in particular, so that nothing is told by asking them before
 * its holders. One after another for each page, and no row of two.
 */
export class PageFetch {
  readonly #options: PageFetchOptions;
  /** Rows that a page is asked for, or that came. */
  readonly #taken = new Set<number>();
  #running = 0;
  #held = 0;
  #came = 0;

  constructor(options: PageFetchOptions) {
    this.#options = options;
  }

  /** Whether a page is still asked. */
  get isActive(): boolean {
    return this.#running > 0;
  }

  /**
   * Asks pages, and then whom else `next` asks: when pages gave all that they have, nothing for PAGES_FIRST_MS, or for MAX_PAGES_FIRST_MS. Those that still give go on beside it.
   *
   * @returns when `next` is done
   * @throws COMMITMENT_MISMATCH when a row shows that the blob is no codeword; what `next` throws
   */
  async before(next: () => Promise<void>): Promise<void> {
    const pages = this.#options.help.usable();
    this.#running = pages.length;
    const done = Promise.all(pages.map((page) => this.#from(page).finally(() => this.#running--)));
    done.catch(() => {}); // raced below
    await this.#first(done);
    const failed = new Promise<never>((_resolve, reject) => {
      done.catch(reject);
    });
    await Promise.race([next(), failed]);
  }

  async #first(done: Promise<unknown>): Promise<void> {
    const { clock, signal } = this.#options;
    let isDone = false;
    const settled = done.then(
      () => {
        isDone = true;
      },
      () => {
        isDone = true;
      },
    );
    let came = -1;
    for (let waitedMs = 0; !isDone && came !== this.#came && waitedMs < MAX_PAGES_FIRST_MS && !signal.aborted; ) {
      came = this.#came;
      waitedMs += PAGES_FIRST_MS;
      const pause = new AbortController();
      await Promise.race([settled, clock.sleep(PAGES_FIRST_MS, pause.signal).catch(() => {})]);
      pause.abort();
    }
  }

  async #from(page: Peer): Promise<void> {
    const { record, help, plan, clock, signal, onLie } = this.#options;
    const { blobId, k, n, rowSize } = record;
    const perRequest = Math.max(1, Math.floor(BYTES_PER_REQUEST / rowSize));
    try {
      const held = await help.held(page, blobId, signal);
      const rows = rowsOfBitmap(held, k + n); // originals first: with all of them nothing has to be reconstructed
      for (let busy = 0; busy <= MAX_BUSY_ANSWERS && this.#held < k && page.usable; ) {
        const wanted = rows.filter((index) => !this.#taken.has(index) && !plan.isHere(index)).slice(0, perRequest);
        if (wanted.length === 0) return;
        for (const index of wanted) this.#taken.add(index);
        const { proofs, isBusy } = await this.#ask(page, wanted);
        await this.#check(page, proofs);
        if (isBusy) await clock.sleep(BUSY_RETRY_MS, signal);
        else if (proofs.length === 0) return; // it does not give what it says that it has
        busy = proofs.length > 0 ? 0 : busy + 1;
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const error = PerigeeError.from(thrown);
      if (error.code === 'COMMITMENT_MISMATCH') throw error;
      judge(page, error, onLie);
    }
  }

  async #ask(page: Peer, wanted: readonly number[]): Promise<{ proofs: RowProof[]; isBusy: boolean }> {
    const { record, signal, onBytes } = this.#options;
    const unanswered = new Set(wanted);
    const proofs: RowProof[] = [];
    let isBusy = false;
    try {
      const request = { blobId: record.blobId, indices: [...wanted], prime: false };
      for await (const { index, status, proof } of page.rows(request, { signal, timeoutMs: ROW_TIMEOUT_MS })) {
        if (index === undefined || !unanswered.delete(index)) {
          throw new PerigeeError('PARSE', 'it answers for a row that it was not asked for, or for one twice');
        }
        if (status === ROW_STATUS.row) {
          if (proof?.index !== index) throw new PerigeeError('PARSE', 'it answers with a row that is not there, or with another');
          proofs.push(proof);
          onBytes(proof.row.length + proof.path.length);
        } else isBusy ||= status === ROW_STATUS.busy;
      }
    } finally {
      for (const index of wanted) if (!proofs.some((proof) => proof.index === index)) this.#taken.delete(index);
    }
    return { proofs, isBusy };
  }

  async #check(page: Peer, proofs: readonly RowProof[]): Promise<void> {
    if (proofs.length === 0) return;
    const { record, plan, add, note, onLie } = this.#options;
    const came = proofs.map(({ index, row, path }) => ({ index, bytes: row.length + path.length }));
    const { verdicts, held, misfit } = await add(proofs);
    if (misfit !== undefined) throw noCodeword(record, misfit);
    const verified = came.filter((_, i) => verdicts[i] === 'verified');
    for (const { bytes } of verified) page.gave(bytes);
    this.#held = held;
    this.#came += verified.length;
    for (const { index } of verified) plan.verified(undefined, index, true);
    note(held);
    const bad = came.find((_, i) => verdicts[i] !== 'verified');
    if (bad === undefined) return;
    page.rowsFailed++;
    const words = `row ${bad.index} of blob ${toHex(record.blobId)} does not belong to its commitment`;
    onLie(page, new PerigeeError('ROW_PATH', words));
  }
}
