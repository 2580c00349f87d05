/** What roles take from each other as constructor arguments; `apps/node` and `sampler` wire them. */
import type { Header } from '@perigee/wire';
import type { StateRange } from '../state/index.ts';

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

/** Whole blobs, each encoded anew and compared with its commitment. */
export interface BlobSource {
  /**
   * @param blobId 33 bytes
   * @throws BLOB_EXPIRED, NOT_FOUND, NOT_ENOUGH_ROWS, COMMITMENT_MISMATCH, UNPROVEN, ABORTED
   */
  read(blobId: Uint8Array, options: { signal: AbortSignal }): Promise<Uint8Array>;
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

/** A transaction of a block, and what became of it. */
export interface BlockTx {
  readonly raw: Uint8Array;
  readonly code: number;
  /** Canonical `SubmitResults` of one that submits files. */
  readonly data: Uint8Array;
  readonly gasWanted: number;
  readonly gasUsed: number;
}

/** A block whose state is committed. */
export interface ExecutedBlock {
  readonly header: Header;
  readonly headerHash: Uint8Array;
  readonly txs: readonly BlockTx[];
}

/** Blocks, mempool and newest state of a chain that runs in this process: what clients of other kinds are answered from. */
export interface ChainBlocks {
  /** First height whose block is kept. */
  readonly earliest: number;
  /** The last block whose state is committed. */
  latest(): { readonly height: number; readonly headerHash: Uint8Array; readonly header: Header };
  /** @throws NOT_FOUND */
  block(height: number): Promise<ExecutedBlock>;
  /** Height of the block whose header has this hash. */
  heightOf(headerHash: Uint8Array): Promise<number | undefined>;
  /** Where a transaction is. @param hash its id, or its Ethereum hash */
  placeOf(hash: Uint8Array): Promise<{ readonly height: number; readonly index: number } | undefined>;
  /**
   * Value in the state right after a block, `undefined` where there is none; after the last block unless a height is given.
   *
   * @throws PRUNED, NOT_FOUND, INVALID_ARGUMENT
   */
  valueAt(store: string, key: Uint8Array, height?: number): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Nonce that is due in lane 0 of an account once all that wait are in blocks. */
  nextNonce(address: Uint8Array): Promise<number>;
  /**
   * Let a transaction wait for a block.
   *
   * @returns height 0 and code 0 when it waits; the code of the refusal, or what became of it, when it does not
   * @throws BUSY
   */
  add(raw: Uint8Array): Promise<TxOutcome>;
  /** What became of a transaction: height 0 while it waits, `undefined` when it is not known. @param txId SHA-256 of its bytes */
  result(txId: Uint8Array): TxOutcome | undefined | Promise<TxOutcome | undefined>;
}

/** Entries of a state in their order, as a chain of this process has them: after the last block whose state can be proved, unless a height is given. */
export interface StateReads {
  /** @throws PRUNED, NOT_FOUND, INVALID_ARGUMENT, as all that follow */
  latest(): number;
  /** `undefined` where there is none. */
  valueAt(store: string, key: Uint8Array, height?: number): Uint8Array | undefined;
  /** In the order of the range. */
  rangeAt(store: string, range: StateRange, height?: number): readonly { readonly key: Uint8Array; readonly value: Uint8Array }[];
}
