import { type Asker, FairPlaces, type RequestContext } from '@perigee/net';
import {
  MAX_REQUEST_ROW_BYTES,
  MAX_SHARED_REQUESTS,
  PerigeeError,
  ROW_STATUS,
  type RowAnswer,
  type RowProof,
  type RowsRequest,
  toHex,
} from '@perigee/wire';
import type { RowShelf } from './row-shelf.ts';
import type { ShareBudget } from './share-budget.ts';

/** Blobs whose kept rows were looked for on the device: once is enough. */
const MAX_LOOKED_FOR = 256;

export interface PageRowsOptions {
  readonly shelf: RowShelf;
  readonly budget: ShareBudget;
  /** Verified rows that are kept on this device. @param blobId hexadecimal */
  readonly keptRows: (blobId: string) => Promise<readonly RowProof[]>;
  readonly isEnabled: () => boolean;
  readonly onChange: () => void;
}

/** Gives the verified rows that this page has to other pages, within its budget. */
export class PageRows {
  rows = 0;
  bytes = 0;
  readonly #options: PageRowsOptions;
  readonly #lookedFor = new Set<string>();
  readonly #places = new FairPlaces(MAX_SHARED_REQUESTS);

  constructor(options: PageRowsOptions) {
    this.#options = options;
  }

  /**
   * One bit for each row that is here.
   *
   * @throws REFUSED
   */
  async held(blobId: Uint8Array): Promise<Uint8Array> {
    const { rows } = await this.#find(toHex(blobId));
    const bits = new Uint8Array(Math.ceil((Math.max(-1, ...rows.keys()) + 1) / 8));
    for (const index of rows.keys()) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
    return bits;
  }

  /** Each frame is the prime, or a row, or why it is not given. @throws REFUSED, INVALID_ARGUMENT, ABORTED; BUSY when its place went to a page with fewer */
  async *answer(
    { blobId, indices, prime }: RowsRequest,
    { signal, ...asker }: Asker & Pick<RequestContext, 'signal'>,
  ): AsyncGenerator<RowAnswer, void, undefined> {
    let isLost = false;
    const leave = this.#places.take(asker, () => {
      isLost = true;
    });
    if (leave === undefined) {
      if (prime) yield { status: ROW_STATUS.busy };
      for (const index of indices) yield { index, status: ROW_STATUS.busy };
      return;
    }
    try {
      const blob = await this.#find(toHex(blobId));
      if (prime) yield await this.#prime(blob.prime, signal);
      let bytes = 0;
      for (const index of indices) {
        if (isLost) throw new PerigeeError('BUSY', 'other pages wait, and this one has more requests in work');
        const proof = blob.rows.get(index);
        bytes += proof?.row.length ?? 0;
        if (bytes > MAX_REQUEST_ROW_BYTES) {
          throw new PerigeeError('INVALID_ARGUMENT', `ask for at most ${MAX_REQUEST_ROW_BYTES} bytes of rows in one request`);
        }
        yield proof === undefined ? { index, status: ROW_STATUS.notAssigned } : await this.#row(proof, signal);
      }
    } finally {
      leave();
    }
  }

  async #prime(prime: RowAnswer['prime'], signal: AbortSignal): Promise<RowAnswer> {
    if (prime === undefined) return { status: ROW_STATUS.notAssigned };
    const passed = await this.#options.budget.pass(prime.rlcOriginal.length, signal);
    if (passed !== 'given') return { status: passed === 'busy' ? ROW_STATUS.busy : ROW_STATUS.refused };
    return { prime, status: ROW_STATUS.row };
  }

  async #row(proof: RowProof, signal: AbortSignal): Promise<RowAnswer> {
    const { index } = proof;
    const bytes = proof.row.length + proof.path.length;
    const passed = await this.#options.budget.pass(bytes, signal);
    if (passed !== 'given') return { index, status: passed === 'busy' ? ROW_STATUS.busy : ROW_STATUS.refused };
    if (!this.#options.isEnabled()) return { index, status: ROW_STATUS.refused }; // switched off while it waited
    this.rows++;
    this.bytes += bytes;
    this.#options.onChange();
    return { index, status: ROW_STATUS.row, proof };
  }

  async #find(blobId: string): Promise<NonNullable<ReturnType<RowShelf['get']>>> {
    const { shelf, keptRows, isEnabled } = this.#options;
    if (!isEnabled()) throw new PerigeeError('REFUSED', 'this page shares nothing');
    if (!this.#lookedFor.has(blobId)) {
      this.#lookedFor.add(blobId);
      const [oldest] = this.#lookedFor;
      if (this.#lookedFor.size > MAX_LOOKED_FOR && oldest !== undefined) this.#lookedFor.delete(oldest);
      for (const proof of await keptRows(blobId)) shelf.add(blobId, proof);
    }
    return shelf.get(blobId) ?? { rows: new Map(), prime: undefined };
  }
}
