import type { ChainBlocks, TxOutcome, TxSubmit } from '@perigee/light-core/roles';
import type { Header, HeaderAnswer, StateProof, TxProofAnswer } from '@perigee/wire';
import type { Genesis } from './genesis/index.ts';
import type { StateTree } from './state/index.ts';

/** The last header of a chain. */
export interface LatestHeader {
  readonly height: number;
  readonly headerHash: Uint8Array;
  readonly header: Header;
}

/** A chain that runs in this process, whatever engine makes its blocks: what peers and other roles are served from. */
export interface Chain extends TxSubmit, ChainBlocks {
  readonly genesis: Genesis;
  readonly chainId: string;
  /**
   * A header with its commit and validators, and the next validators where they differ.
   *
   * @throws NOT_FOUND
   */
  lightBlock(height: number): HeaderAnswer | Promise<HeaderAnswer>;
  /**
   * Prove a key of the state after a block; 0 for the last height that has a header after it.
   *
   * @throws PRUNED, NOT_FOUND, INVALID_ARGUMENT
   */
  prove(store: string, key: Uint8Array, height?: number): StateProof;
  /**
   * A store after a block, to prove more of it than a key; as `prove`.
   *
   * @throws PRUNED, NOT_FOUND, INVALID_ARGUMENT
   */
  tree(store: string, height?: number): StateTree;
  /**
   * Wait until a transaction is in a block, or waits no longer for one.
   *
   * @throws NOT_FOUND when it is not known; ABORTED
   */
  settled(txId: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<TxOutcome>;
  /**
   * Prove that a block holds a transaction, and its result.
   *
   * @throws NOT_FOUND when none does, or it has no header after it yet
   */
  proveTx(txId: Uint8Array): TxProofAnswer | Promise<TxProofAnswer>;
  /** Calls back when there is a later header, until the returned function is called. */
  onBlock(listener: (block: { readonly height: number; readonly headerHash: Uint8Array }) => void): () => void;
  /** Ids of the blobs recorded last, newest first. */
  recentBlobs(): readonly Uint8Array[];
  /** Make blocks. The promise ends with `close`, or is rejected when the chain cannot go on. */
  run(): Promise<void>;
  close(): Promise<void>;
}
