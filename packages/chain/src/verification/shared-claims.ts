/** A signature, and what it is to be checked with. */
export interface Claim {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** Claims at a time: more than a block has transactions. */
const MAX_CLAIMS = 8_192;
/** Bytes of their keys, signatures and messages. */
const MAX_BYTES = 4 * 1024 * 1024;
const KEY_BYTES = 32;
const HEAD_BYTES = KEY_BYTES + 64;

// Numbers of 32 bits: twice how many were added, and 1 more when no more are; how many were taken; where each claim ends. Then a verdict each, then the
// claims: `key ‖ signature ‖ message`, one after another
const [ADDED, TAKEN] = [0, 1];
const ENDS = 2;
const VERDICTS = 4 * (ENDS + MAX_CLAIMS);
const BYTES = VERDICTS + MAX_CLAIMS;
const [UNKNOWN, NO, YES] = [0, 1, 2];

/**
 * Claims in memory that threads share, each judged by whoever takes it: a thread that is done has the next one at once, and need not be sent it by one that
 * is busy. One thread adds, all take.
 */
export class SharedClaims {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #verdicts: Uint8Array;
  readonly #bytes: Uint8Array;
  /** Known only to who adds. */
  #added = 0;

  /** @param memory of claims that another thread adds */
  constructor(memory = new SharedArrayBuffer(BYTES + MAX_BYTES)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, ENDS + MAX_CLAIMS);
    this.#verdicts = new Uint8Array(memory, VERDICTS, MAX_CLAIMS);
    this.#bytes = new Uint8Array(memory, BYTES, MAX_BYTES);
  }

  /** Claims that were added. */
  get added(): number {
    return this.#added;
  }

  /** Begins anew, when no thread takes any more. */
  reset(): void {
    this.#verdicts.fill(UNKNOWN, 0, this.#added);
    this.#added = 0;
    Atomics.store(this.#numbers, ADDED, 0);
    Atomics.store(this.#numbers, TAKEN, 0);
  }

  /** @returns whether there was room */
  add({ publicKey, message, signature }: Claim): boolean {
    const at = this.#startOf(this.#added);
    const end = at + HEAD_BYTES + message.length;
    if (this.#added === MAX_CLAIMS || end > MAX_BYTES) return false;
    this.#bytes.set(publicKey, at);
    this.#bytes.set(signature, at + KEY_BYTES);
    this.#bytes.set(message, at + HEAD_BYTES);
    this.#numbers[ENDS + this.#added] = end;
    this.#added += 1;
    Atomics.store(this.#numbers, ADDED, 2 * this.#added);
    Atomics.notify(this.#numbers, ADDED);
    return true;
  }

  /** No more are added. */
  close(): void {
    Atomics.store(this.#numbers, ADDED, 2 * this.#added + 1);
    Atomics.notify(this.#numbers, ADDED);
  }

  get isClosed(): boolean {
    return (Atomics.load(this.#numbers, ADDED) & 1) === 1;
  }

  /** @returns the number of the next claim, which is the caller's to judge; `undefined` when none is left */
  take(): number | undefined {
    for (;;) {
      const next = Atomics.load(this.#numbers, TAKEN);
      if (next >= Atomics.load(this.#numbers, ADDED) >> 1) return undefined;
      if (Atomics.compareExchange(this.#numbers, TAKEN, next, next + 1) === next) return next;
    }
  }

  /** As `take`, and stops the thread until there is one. @returns `undefined` when no more are added */
  takeOrWait(): number | undefined {
    for (;;) {
      // before: what comes in between ends the wait
      const added = Atomics.load(this.#numbers, ADDED);
      const claim = this.take();
      if (claim !== undefined || (added & 1) === 1) return claim;
      Atomics.wait(this.#numbers, ADDED, added);
    }
  }

  /** A copy: libraries answer nothing for memory that is shared. */
  claimAt(claim: number): Claim {
    const copy = this.#bytes.slice(this.#startOf(claim), this.#numbers[ENDS + claim]);
    return {
      publicKey: copy.subarray(0, KEY_BYTES),
      signature: copy.subarray(KEY_BYTES, HEAD_BYTES),
      message: copy.subarray(HEAD_BYTES),
    };
  }

  setVerdict(claim: number, verdict: boolean): void {
    Atomics.store(this.#verdicts, claim, verdict ? YES : NO);
  }

  /** @returns `undefined` as long as there is none */
  verdictOf(claim: number): boolean | undefined {
    const verdict = Atomics.load(this.#verdicts, claim);
    return verdict === UNKNOWN ? undefined : verdict === YES;
  }

  #startOf(claim: number): number {
    return claim === 0 ? 0 : (this.#numbers[ENDS + claim - 1] as number);
  }
}
