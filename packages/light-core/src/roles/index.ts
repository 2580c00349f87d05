/** What roles take from each other as constructor arguments; `apps/node` and `sampler` wire them. */

/** Time as a value, so that tests own it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with ABORTED when `signal` fires first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Fills the array from a CSPRNG and gives it back. */
export type RandomBytes = (length: number) => Uint8Array;

/** A header that was verified down from the trust root, and what hangs on it. */
export interface VerifiedHead {
  readonly height: number;
  readonly headerHash: Uint8Array;
  readonly chainId: string;
  /** Header time, milliseconds since 1970. */
  readonly timeMs: number;
  /** State root after `height − 1` (PROTOCOL §5). */
  readonly appHash: Uint8Array;
}

/** State whose every answer was proved under a verified header. */
export interface VerifiedState {
  /** Latest verified head; `undefined` until there is one. */
  head(): VerifiedHead | undefined;
  /** Value at the head's state, `undefined` when its absence was proved; throws when neither could be proved. */
  get(store: string, key: Uint8Array, options?: { signal?: AbortSignal }): Promise<Uint8Array | undefined>;
  /** Calls back on every new head, until the returned function is called. */
  onHead(listener: (head: VerifiedHead) => void): () => void;
}

/** What became of a transaction: `code` 0 is success; `height` 0 says that it waits. */
export interface TxOutcome {
  readonly txId: Uint8Array;
  readonly height: number;
  readonly code: number;
  readonly log: string;
}

export interface TxSubmit {
  /** Hands the transaction in and waits until a block holds it. */
  submit(raw: Uint8Array, options?: { signal?: AbortSignal }): Promise<TxOutcome>;
}
