import type { Clock } from '@perigee/light-core/roles';
import { type BlobRecord, MAX_PRIME_AGAIN, PerigeeError, type Prime, ROW_TIMEOUT_MS, type RowProof } from '@perigee/wire';
import type { JobOutput, Pool } from '@perigee/workers';
import { askAround } from '../peers/ask-around.ts';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import { isLostWorker } from '../verify/lost-worker.ts';
import type { Verifier } from '../verify/verifier.ts';

export interface RowVerifierOptions {
  readonly key: string;
  readonly record: BlobRecord;
  readonly verify: Pool<Verifier>;
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
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
    const { key, peers, clock, signal } = this.#options;
    const candidates = () => peers().filter((peer) => peer.members.size > 0);
    const ask = (peer: Peer, until: AbortSignal) => this.#primeFrom(peer, until);
    let misled: PerigeeError | undefined;
    try {
      misled = await askAround({ candidates, ask, clock, signal, patientUntil });
    } catch (cause) {
      if (signal.aborted) throw cause;
      const words = `no peer gave what rows of blob ${key} are verified against; try again later`;
      throw new PerigeeError('UNREACHABLE', words, { cause });
    }
    if (misled !== undefined) throw misled;
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

  /** @returns the error of the signers, where the prime is right and the record is wrong */
  async #primeFrom(peer: Peer, signal: AbortSignal): Promise<PerigeeError | undefined> {
    const { record, onLie } = this.#options;
    const request = { blobId: record.blobId, indices: [], prime: true };
    let given: Prime | undefined;
    try {
      for await (const { prime } of peer.rows(request, { signal, timeoutMs: ROW_TIMEOUT_MS })) {
        if (prime === undefined) break;
        // a copy: the view lies on a frame
        given = { rowRoot: prime.rowRoot, rlcOriginal: prime.rlcOriginal.slice() };
        await this.#give(given);
        return undefined;
      }
      throw new PerigeeError('REFUSED', 'the peer gives no prime of this blob');
    } catch (thrown) {
      // what our worker found, not what the peer says
      if (thrown instanceof PerigeeError && thrown.code === 'ROW_ROOT_MISMATCH' && thrown.data?.remote !== true) {
        this.#misled ??= given;
        return thrown;
      }
      throw signal.aborted ? thrown : judge(peer, thrown, onLie);
    }
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
    this.#prime = prime;
  }
}
