import { availableParallelism } from 'node:os';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { createPool, type Pool, type WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';
import { detectEd25519, type NativeEd25519 } from './native.ts';
import { type Claim, SharedClaims } from './shared-claims.ts';
import { judge, type SignatureJobs } from './signature-jobs.ts';

/** Signatures that are checked here before others get their turn: a millisecond or two of work. */
const SLICE = 32;
/** Fewer are checked where they are: a thread would have to be woken for them. */
const ALONE = 8;

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
  /** Asked, and not shared with the threads. */
  #waiting: Waiting[] = [];
  #claims: SharedClaims | undefined;
  /** Those who asked for the shared ones, by number; gone when they have their answer. */
  #asked: (Waiting | undefined)[] = [];
  /** All below have their answer. */
  #answered = 0;
  /** How many had asked when this thread last had none to judge, or gave others their turn. */
  #seen = 0;
  /** Threads that take claims. */
  #taking = 0;
  /** A thread has failed: what waits now is left to this one. */
  #alone = false;
  #scheduled = false;

  constructor({
    native = detectEd25519(),
    threads = availableParallelism() - 1,
    spawn = spawnSignatures,
  }: BlockVerifierOptions = {}) {
    this.native = native;
    this.#pool = threads > 0 ? createPool<SignatureJobs>({ spawn, size: threads, queue: threads }) : undefined;
  }

  /** ZIP-215. What is asked in one turn of the event loop is checked together. */
  readonly verify: VerifyEd25519 = (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return Promise.resolve(false);
    return new Promise((settle) => {
      this.#waiting.push({ publicKey, message, signature, settle });
      if (this.#waiting.length > ALONE) this.#share();
      this.#schedule();
    });
  };

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#work();
    });
  }

  /** Shares what waits, as far as there is room. */
  #share(): void {
    if (this.#pool === undefined) return;
    if (this.#taking === 0 && !this.#alone) this.#begin(this.#pool);
    const claims = this.#claims;
    if (claims === undefined || claims.isClosed || this.#taking === 0) return;
    let shared = 0;
    for (const claim of this.#waiting) {
      if (!claims.add(claim)) break;
      this.#asked.push(claim);
      shared += 1;
    }
    this.#waiting.splice(0, shared);
  }

  #begin(pool: Pool<SignatureJobs>): void {
    this.#claims ??= new SharedClaims();
    this.#claims.reset();
    const { memory } = this.#claims;
    for (; this.#taking < pool.size; this.#taking++) {
      pool
        .run('verify', memory)
        .catch(() => {
          this.#alone = true;
        })
        .finally(() => {
          this.#taking -= 1;
          if (this.#taking === 0) this.#end();
        });
    }
  }

  /** No thread takes any more. What one took that died is judged here. */
  #end(): void {
    this.#answer();
    for (const claim of this.#asked) if (claim !== undefined) this.#waiting.push(claim);
    this.#asked = [];
    this.#answered = 0;
    this.#seen = 0;
    if (this.#waiting.length > 0) this.#schedule();
  }

  /** A slice of what is left, while the threads do the same. */
  #work(): void {
    if (this.#waiting.length > ALONE) this.#share();
    let judged = 0;
    while (judged < SLICE && this.#judgeNext()) judged += 1;
    this.#answer();
    if (this.#waiting.length === 0) this.#alone = false;
    const more = judged > 0 || this.#asked.length > this.#seen;
    this.#seen = this.#asked.length;
    if (more) this.#schedule();
    // a turn has gone by in which nobody asked, and nothing is left
    else this.#claims?.close();
  }

  #judgeNext(): boolean {
    const number = this.#taking > 0 ? this.#claims?.take() : undefined;
    if (number === undefined) {
      const claim = this.#waiting.pop();
      if (claim !== undefined) this.#judge(claim);
      return claim !== undefined;
    }
    const claim = this.#asked[number];
    this.#asked[number] = undefined;
    if (claim !== undefined) this.#judge(claim);
    return true;
  }

  /** Tells what the threads have found. */
  #answer(): void {
    const claims = this.#claims;
    if (claims === undefined) return;
    let done = true;
    for (let number = this.#answered; number < this.#asked.length; number++) {
      const claim = this.#asked[number];
      const verdict = claim && claims.verdictOf(number);
      if (verdict !== undefined) {
        claim?.settle(verdict);
        this.#asked[number] = undefined;
      } else if (claim !== undefined) done = false;
      if (done) this.#answered = number + 1;
    }
  }

  #judge(claim: Claim & Pick<Waiting, 'settle'>): void {
    claim.settle(judge(this.native, claim));
  }
}

function spawnSignatures(): WorkerLike {
  return nodeWorker(nodeJob('signatures', import.meta.url));
}
