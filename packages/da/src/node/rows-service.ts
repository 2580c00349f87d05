import { assignRows, type ChainView, memberIndex } from '@perigee/light-core/da';
import { type Asker, FairPlaces, type RequestContext } from '@perigee/net';
import {
  commitmentOf,
  MAX_REQUEST_ROW_BYTES,
  MAX_ROW_REQUESTS,
  PerigeeError,
  ROW_STATUS,
  type RowAnswer,
  type RowsRequest,
} from '@perigee/wire';
import type { RowReader, RowStore } from '../store/row-store.ts';

/**
 * Gives rows to anyone. Each frame is the prime, or one row or why it is not given: `notAssigned` (never ours), `pruned` (its time is over),
 * `refused` (ours by the committee of the record, and lost or never sent to us), `busy`.
 */
export class RowsService {
  readonly #store: RowStore;
  readonly #chain: ChainView;
  readonly #address: Uint8Array;
  readonly #places = new FairPlaces(MAX_ROW_REQUESTS);
  /** Bytes of rows and paths that were given. */
  servedBytes = 0;

  /** @param address of this member in the committee */
  constructor(store: RowStore, chain: ChainView, address: Uint8Array) {
    this.#store = store;
    this.#chain = chain;
    this.#address = address;
  }

  /** @throws INVALID_ARGUMENT when more than MAX_REQUEST_ROW_BYTES are asked for at once; BUSY in mid-answer when its place went to somebody with fewer */
  async *answer(
    request: RowsRequest,
    { signal, ...asker }: Asker & Pick<RequestContext, 'signal'>,
  ): AsyncGenerator<RowAnswer, void, undefined> {
    let reader: RowReader | undefined;
    let isLost = false;
    /** The peer has its answer to take first: nothing is being read. */
    let isWaiting = false;
    const leave = this.#places.take(asker, () => {
      isLost = true;
      if (isWaiting) reader?.close().catch(() => {}); // it was only read
    });
    if (leave === undefined) {
      yield* refuseAll(request, () => ROW_STATUS.busy);
      return;
    }
    try {
      reader = await this.#store.reader(request.blobId);
      const answers =
        reader === undefined
          ? refuseAll(request, await this.#whyNone(request.blobId, signal))
          : this.#rows(request, reader, signal);
      for await (const answer of answers) {
        isWaiting = true;
        if (!isLost) yield answer;
        isWaiting = false;
        if (isLost) throw new PerigeeError('BUSY', 'others wait, and this peer or its network has more requests in work');
      }
    } finally {
      leave();
      await reader?.close();
    }
  }

  async *#rows(
    { indices, prime }: RowsRequest,
    reader: RowReader,
    signal: AbortSignal,
  ): AsyncGenerator<RowAnswer, void, undefined> {
    const bytes = indices.length * reader.rowSize;
    if (bytes > MAX_REQUEST_ROW_BYTES) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `${bytes} bytes of rows asked in one request; ask for at most ${MAX_REQUEST_ROW_BYTES}`,
      );
    }
    if (prime) {
      const held = await reader.prime();
      yield held === undefined ? { status: ROW_STATUS.refused } : { prime: held, status: ROW_STATUS.row };
    }
    for (const index of indices) {
      signal.throwIfAborted();
      const held = await reader.read(index);
      if (held === 'notHeld') yield { index, status: ROW_STATUS.notAssigned };
      else if (held === 'absent') yield { index, status: ROW_STATUS.refused };
      else {
        this.servedBytes += held.row.length + held.path.length;
        yield { index, status: ROW_STATUS.row, proof: held };
      }
    }
  }

  /** Nothing of the blob is here: it never was, or its time is over, or it is lost. */
  async #whyNone(blobId: Uint8Array, signal: AbortSignal): Promise<(index?: number) => number> {
    const record = await this.#chain.record(blobId, signal);
    if (record === undefined) return () => ROW_STATUS.notAssigned;
    if (record.expiryHeight < this.#chain.head().height) return () => ROW_STATUS.pruned;
    const committee = await this.#chain.committee(record.epoch, signal);
    const member = memberIndex(committee, this.#address);
    if (member < 0) return () => ROW_STATUS.notAssigned;
    const assignment = assignRows(committee, commitmentOf(blobId), record);
    return (index) => (index === undefined || assignment.holds(member, index) ? ROW_STATUS.refused : ROW_STATUS.notAssigned);
  }
}

/** One frame a row; one without an index where only the prime was asked for. */
function* refuseAll(
  { indices, prime }: RowsRequest,
  statusOf: (index?: number) => number,
): Generator<RowAnswer, void, undefined> {
  if (prime) yield { status: statusOf() };
  for (const index of indices) yield { index, status: statusOf(index) };
}
