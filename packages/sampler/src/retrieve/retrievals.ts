import type { CanonicalCommittee, ChainView } from '@perigee/light-core/da';
import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import { eitherSignal } from '@perigee/net';
import { type BlobRecord, MAX_RETRIEVALS_AT_ONCE, PerigeeError, type RowProof, toHex } from '@perigee/wire';
import type { WorkerLike } from '@perigee/workers';
import type { BadEncoding } from '../blob/blob-sampler.ts';
import type { StoragePeers } from '../files/index.ts';
import type { Pages } from '../pages/index.ts';
import type { OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { BlobSink, RetrievedBlob, RetrieveOptions } from '../requests.ts';

export interface RetrievalsOptions {
  readonly chain: ChainView;
  readonly state: VerifiedState;
  /** Who may have blobs as files, when their rows are gone. */
  readonly storage: StoragePeers;
  /** The proved record of a blob that somebody names. @throws NOT_FOUND, UNPROVEN, ABORTED */
  readonly recordOf: (blobId: Uint8Array, signal: AbortSignal) => Promise<BlobRecord>;
  readonly peers: () => readonly Peer[];
  /** Rows of a blob that an earlier visit has kept. @param blobId hexadecimal */
  readonly keptRows: (blobId: string) => Promise<readonly RowProof[]>;
  /** Other pages, where something is shared. */
  readonly pages: () => Pages | undefined;
  /** Starts a worker for one retrieval. */
  readonly spawn: () => WorkerLike;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
  readonly onRetrieved: (blob: RetrievedBlob) => void;
  /** A blob is no codeword, or not the one that its record says. @param found what convicts its signers before others, where that was found */
  readonly onBadEncoding: (record: BlobRecord, committee: CanonicalCommittee, found: BadEncoding | undefined) => Promise<void>;
}

/** Fetches whole blobs, MAX_RETRIEVALS_AT_ONCE at a time. */
export class Retrievals {
  readonly #options: RetrievalsOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: RetrievalsOptions) {
    this.#options = options;
  }

  /**
   * The sink is closed when this resolves. It is the caller's to abort it when this rejects: `orAbort`.
   *
   * A blob whose rows nobody owes any more, or nobody gives, comes from the file that it was handed over as, if it was.
   *
   * @throws NOT_FOUND when the absence of the record was proved at a current head, BLOB_EXPIRED, COMMITTEE, UNPROVEN, ABORTED, and what `Retrieval`
   *   and `retrieveStored` throw
   */
  async retrieve(blobId: Uint8Array, { sink, onProgress, signal: given }: RetrieveOptions): Promise<RetrievedBlob> {
    const { keptRows, onRetrieved, onBadEncoding, ...others } = this.#options;
    const signal = given === undefined ? others.signal : eitherSignal(given, others.signal);
    const leave = await this.#enter(signal);
    try {
      onProgress?.({ stage: 'prove', rows: 0, needed: 0, bytesIn: 0 });
      const { recordOf, chain } = others;
      const record = await recordOf(blobId, signal);
      const fromFile = async () => {
        const { retrieveStored } = await import('./stored-retrieval.ts');
        return retrieveStored({ ...others, record, signal, sink, ...(onProgress && { onProgress }) });
      };
      const isExpired = record.expiryHeight < chain.head().height;
      if (isExpired && record.storedAs === undefined) {
        const words = `blob ${toHex(blobId)} expired at height ${record.expiryHeight}: nobody owes its rows any more`;
        throw new PerigeeError('BLOB_EXPIRED', words);
      }
      if (isExpired) return told(await fromFile(), onRetrieved);
      const committee = await chain.committee(record.epoch, signal);
      const options = { ...others, record, committee, signal, sink, keptRows: () => keptRows(toHex(blobId)) };
      const { Retrieval } = await import('./retrieval.ts'); // a page that only samples needs nothing of it
      const retrieval = new Retrieval(onProgress === undefined ? options : { ...options, onProgress });
      try {
        return told(await retrieval.run(), onRetrieved);
      } catch (error) {
        if (isBadEncoding(error)) await onBadEncoding(record, committee, retrieval.badEncoding);
        if (record.storedAs === undefined || !isOutOfReach(error)) throw error;
      }
      return told(await fromFile(), onRetrieved);
    } finally {
      leave();
    }
  }

  /** Waits for a place. @returns what gives it back */
  async #enter(signal: AbortSignal): Promise<() => void> {
    while (this.#running.size >= MAX_RETRIEVALS_AT_ONCE) {
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      if (!signal.aborted) await Promise.race([...this.#running, aborted]);
      if (signal.aborted) throw new PerigeeError('ABORTED', 'the retrieval was stopped before it began');
    }
    let leave = (): void => {};
    const running = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#running.add(running);
    return () => {
      this.#running.delete(running);
      leave();
    };
  }
}

function told(blob: RetrievedBlob, onRetrieved: (blob: RetrievedBlob) => void): RetrievedBlob {
  onRetrieved(blob);
  return blob;
}

/** Too few rows came: nothing was written yet. */
function isOutOfReach(error: unknown): boolean {
  return error instanceof PerigeeError && (error.code === 'NOT_ENOUGH_ROWS' || error.code === 'UNREACHABLE');
}

function isBadEncoding(error: unknown): boolean {
  return error instanceof PerigeeError && (error.code === 'COMMITMENT_MISMATCH' || error.code === 'ROW_ROOT_MISMATCH');
}

/** Fills a sink; when that fails, whatever the reason, the sink is aborted. @throws PerigeeError */
export async function orAbort<T>(sink: BlobSink, fill: () => Promise<T>): Promise<T> {
  try {
    return await fill();
  } catch (thrown) {
    await sink.abort().catch(() => {}); // why it failed is what counts
    throw PerigeeError.from(thrown);
  }
}
