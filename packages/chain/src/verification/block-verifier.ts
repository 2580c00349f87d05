import { availableParallelism } from 'node:os';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { createPool, type Pool, type WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';
import { type Claim, packClaims } from './batch.ts';
import { detectEd25519, type NativeEd25519 } from './native.ts';
import { judge, type SignatureJobs } from './signature-jobs.ts';

/** Signatures that go to a thread at once: a few milliseconds of work. */
const BATCH = 64;
/** Fewer are checked where they are: a thread would have to be woken for them. */
const ALONE = 8;
/** Batches that each thread has, so that it never waits for the next. */
const AHEAD = 3;

export interface BlockVerifierOptions {
  /** For this thread; the others detect their own. */
  readonly native?: NativeEd25519;
  /** Threads besides this one; as many as there are cores without it, by default. */
  readonly threads?: number;
  readonly spawn?: () => WorkerLike;
}

interface Waiting extends Claim {
  readonly settle: (verdict: boolean | Promise<boolean>) => void;
}

/**
 * Checks the signatures of a block in all threads at once, this one included. A verdict does not depend on where it was reached: every thread
 * asks noble where its native verifier says no. A thread that fails leaves its signatures to this one.
 */
export class BlockVerifier {
  readonly native: NativeEd25519;
  readonly #pool: Pool<SignatureJobs> | undefined;
  readonly #room: number;
  #waiting: Waiting[] = [];
  #running = 0;
  #scheduled = false;

  constructor({
    native = detectEd25519(),
    threads = availableParallelism() - 1,
    spawn = spawnSignatures,
  }: BlockVerifierOptions = {}) {
    this.native = native;
    this.#room = threads * AHEAD;
    this.#pool = threads > 0 ? createPool<SignatureJobs>({ spawn, size: threads, queue: this.#room }) : undefined;
  }

  /** ZIP-215. What is asked in one turn of the event loop is checked together. */
  readonly verify: VerifyEd25519 = (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return Promise.resolve(false);
    return new Promise((settle) => {
      this.#waiting.push({ publicKey, message, signature, settle });
      if (this.#waiting.length >= BATCH && this.#running < this.#room) this.#send(this.#waiting.splice(0, BATCH));
      this.#schedule();
    });
  };

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // between its own signatures this thread hears of those that others have checked
    setImmediate(() => {
      this.#scheduled = false;
      this.#work();
    });
  }

  #work(): void {
    while (this.#waiting.length > ALONE && this.#running < this.#room) this.#send(this.#waiting.splice(0, BATCH));
    // while the threads are busy, as much here as leaves them no time to wait
    for (const claim of this.#waiting.splice(-BATCH)) this.#judge(claim);
    if (this.#waiting.length > 0) this.#schedule();
  }

  #send(claims: readonly Waiting[]): void {
    const packed = packClaims(claims);
    this.#running += 1;
    this.#pool
      ?.run('verify', packed, { transfer: [packed.buffer] })
      .then((verdicts) => claims.forEach((claim, i) => void claim.settle(verdicts[i] === 1)))
      .catch(() => claims.forEach((claim) => void this.#judge(claim)))
      .finally(() => {
        this.#running -= 1;
        if (this.#waiting.length > 0) this.#schedule();
      });
  }

  #judge(claim: Waiting): void {
    claim.settle(judge(this.native.verify, claim));
  }
}

function spawnSignatures(): WorkerLike {
  return nodeWorker(nodeJob('signatures', import.meta.url));
}
