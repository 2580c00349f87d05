import type { Clock } from '@perigee/light-core/roles';
import { type BlobRecord, MAX_PRIME_AGAIN, PerigeeError, type Prime, type RowProof } from '@perigee/wire';
import type { JobOutput, Pool } from '@perigee/workers';
import type { OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import { isLostWorker } from '../verify/lost-worker.ts';
import type { Verifier } from '../verify/verifier.ts';
import { askPrime } from './ask-prime.ts';

export interface RowVerifierOptions {
  readonly key: string;
  readonly record: BlobRecord;
  readonly verify: Pool<Verifier>;
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
  readonly onPrime?: (blobId: string, prime: Prime) => void;
}

type RowFinding = {
  readonly verdict: JobOutput<Verifier, 'verifyRows'>['verdicts'][number];
  /** What the check took in the worker. */
  readonly microseconds: number;
};

/** What the rows of one blob are verified against: got from a peer, kept, and given to the verify worker again when that has lost it. */
export class RowVerifier {
  readonly #options: RowVerifierOptions;
  #prime: Prime | undefined;
  #misled: Prime | undefined;
  #convicting: RowProof | undefined;
  #loading: Promise<void> | undefined;

  constructor(options: RowVerifierOptions) {
    this.#options = options;
  }

  /** What rows are verified against. */
  get prime(): Prime | undefined {
    return this.#prime;
  }

  /** A prime that hashes to the commitment, and has another row root than the record. */
  get misled(): Prime | undefined {
    return this.#misled;
  }

  /** The first row whose path holds and whose coding does not. */
  get convicting(): RowProof | undefined {
    return this.#convicting;
  }

  /**
   * Primes the blob from the first peer whose prime holds. Asked apart from the rows, so that no row waits for a peer that is slow.
   *
   * @param patientUntil until when somebody who still connects is waited for, milliseconds since 1970
   * @throws ROW_ROOT_MISMATCH when the certificate's signers are at fault; UNREACHABLE when no peer gave a prime
   */
  async load(patientUntil: number): Promise<void> {
    const load = async (prime: Prime): Promise<void> => {
      try {
        await this.#give(prime);
      } catch (error) {
        if (error instanceof PerigeeError && error.code === 'ROW_ROOT_MISMATCH') this.#misled ??= prime;
        throw error;
      }
    };
    await askPrime({ ...this.#options, load, patientUntil });
  }

  /**
   * @param proof of a row that was asked for; its bytes are copied
   * @throws INTERNAL, NOT_FOUND when the worker cannot be kept; BUSY, OUT_OF_MEMORY: the row was not looked at
   */
  async check({ index, row, path }: RowProof): Promise<RowFinding> {
    const { key, verify, signal } = this.#options;
    for (let attempt = 0; ; attempt++) {
      // copies: the views lie on a frame that other rows share, and these buffers move to the worker
      const proof = { index, row: row.slice(), path: path.slice() };
      try {
        const input = { key, proofs: [proof] };
        const transfer = [proof.row.buffer, proof.path.buffer];
        const { verdicts, microseconds } = await verify.run('verifyRows', input, { affinity: key, signal, transfer });
        const [verdict] = verdicts;
        // once more a copy: what was sent is gone
        if (verdict === 'invalid/encoding') this.#convicting ??= { index, row: row.slice(), path: path.slice() };
        if (verdict === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'the verify worker gave no verdict');
        return { verdict, microseconds };
      } catch (error) {
        if (signal.aborted || !isLostWorker(error) || attempt >= MAX_PRIME_AGAIN) throw error;
        await this.#give();
      }
    }
  }

  /** Gives the worker's memory back; the pool may be closed by now. */
  release(): void {
    const { key, verify } = this.#options;
    verify.run('release', { key }, { affinity: key }).catch(() => {});
  }

  /** Primes the worker with what a peer gave, or once more with what it had; at most one at a time of the latter. */
  #give(given?: Prime): Promise<void> {
    if (given !== undefined) return this.#run(given);
    const kept = this.#prime;
    if (kept === undefined) return Promise.reject(new PerigeeError('NOT_FOUND', 'this blob was never primed'));
    this.#loading ??= this.#run(kept).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #run(prime: Prime): Promise<void> {
    const { key, record, verify, signal } = this.#options;
    const { blobId, k, n, rowSize, rowRoot } = record;
    await verify.run('prime', { key, shape: { blobId, k, n, rowSize, rowRoot }, ...prime }, { affinity: key, signal });
    if (this.#prime === undefined) this.#options.onPrime?.(key, prime);
    this.#prime = prime;
  }
}
