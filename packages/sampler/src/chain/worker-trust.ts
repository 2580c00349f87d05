import type { TrustAnchor } from '@perigee/light-core/comet';
import type { Clock } from '@perigee/light-core/roles';
import { TRUSTING_PERIOD_MS, Turn } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { KeptHeader } from '../store/light-store.ts';
import { isLostWorker } from '../verify/lost-worker.ts';
import type { HeadResult, Verifier } from '../verify/verifier.ts';

/** Headers and state proofs live in worker 0, where the trusted header is kept. */
export const CHAIN_WORKER = { affinity: 0 } as const;

export interface WorkerTrustOptions {
  readonly trustRoot: TrustAnchor;
  readonly verify: Pool<Verifier>;
  readonly clock: Clock;
}

/**
 * What the verify worker trusts. What is asked of it follows one another: each job starts from what the last one left. Nothing waits for a peer in here,
 * and what is called with a result is called before the next job begins.
 */
export class WorkerTrust {
  readonly #options: WorkerTrustOptions;
  readonly #turn = new Turn();
  #header: KeptHeader | undefined;

  constructor(options: WorkerTrustOptions) {
    this.#options = options;
  }

  /** The header that it trusts, and what that was verified from. */
  get header(): KeptHeader | undefined {
    return this.#header;
  }

  /** Runs a job after those before it. A worker that died is given back what it trusted, and the job is run once more. */
  inTurn<T>(job: (verify: Pool<Verifier>) => Promise<T>): Promise<T> {
    const { verify, trustRoot } = this.#options;
    return this.#turn.take(async () => {
      try {
        return await job(verify);
      } catch (error) {
        if (!isLostWorker(error) || this.#header === undefined) throw error;
        await verify.run('restore', { answer: this.#header.answer, chainId: trustRoot.chainId }, CHAIN_WORKER);
        return job(verify);
      }
    });
  }

  /**
   * Trusts again what an earlier visit had verified, unless another header is trusted already or that was too long ago.
   *
   * @throws what the header is refused with
   */
  resume(header: KeptHeader, onTrusted: (result: HeadResult) => void): Promise<boolean> {
    const { trustRoot, clock } = this.#options;
    return this.inTurn(async (verify) => {
      if (this.#header !== undefined) return false;
      const result = await verify.run('restore', { answer: header.answer, chainId: trustRoot.chainId }, CHAIN_WORKER);
      const { height, timeMs } = result.head;
      if (height !== header.height || timeMs + TRUSTING_PERIOD_MS <= clock.now()) return false;
      this.#header = header;
      onTrusted(result);
      return true;
    });
  }

  /** Trusts the header of the trust root, unless one is trusted already. @throws what the header is refused with */
  anchor(answer: Uint8Array, onTrusted: (result: HeadResult) => void): Promise<void> {
    const { trustRoot, clock } = this.#options;
    return this.inTurn(async (verify) => {
      if (this.#header !== undefined) return;
      const result = await verify.run('anchor', { trustRoot, answer, now: clock.now() }, CHAIN_WORKER);
      this.#header = { height: trustRoot.height, answer };
      onTrusted(result);
    });
  }

  /**
   * Trusts a later header by the one that is trusted, unless a later one is trusted already.
   *
   * @param isWanted asked when its turn has come
   * @throws NOT_ENOUGH_TRUST, what the header is refused with
   */
  advance(header: KeptHeader, isWanted: () => boolean, onTrusted: (result: HeadResult) => void): Promise<void> {
    return this.inTurn(async (verify) => {
      if (header.height <= (this.#header?.height ?? 0) || !isWanted()) return; // another peer was faster
      const result = await verify.run('advance', { answer: header.answer, now: this.#options.clock.now() }, CHAIN_WORKER);
      this.#header = header;
      onTrusted(result);
    });
  }
}
