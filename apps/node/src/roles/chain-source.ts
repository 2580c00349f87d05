import type { ChainBlocks, StateReads, TxSubmit, VerifiedState } from '@perigee/light-core/roles';

/** A header by which another program can begin to follow the chain. */
export interface RootHeader {
  readonly height: number;
  readonly headerHash: Uint8Array;
  /** RFC 3339. */
  readonly time: string;
}

/** Where a node has its chain from: its own engine, or a follower of somebody's. The other roles do not know which. */
export interface ChainSource {
  readonly chainId: string;
  readonly genesisHash: Uint8Array;
  readonly state: VerifiedState;
  /** Of an own chain: what Ethereum's clients are answered from, and what a unit of gas and a block have. */
  readonly blocks?: { readonly chain: ChainBlocks; readonly maxGas: bigint };
  /** Of an own chain that keeps streams: what clients of streams are answered from. */
  readonly streams?: StateReads;
  /** Header that others may be told to trust, where this node can vouch for one. */
  root(height?: number): Promise<RootHeader | undefined>;
  /** Earliest header that this node gives; 0 when it gives none. */
  readonly earliest: number;
  /** Whether this node gives tokens of a development chain to whoever asks. */
  readonly hasFaucet: boolean;
  /** Takes transactions of this node's other roles. */
  readonly transactions: TxSubmit;
  /**
   * Has a faucet of a development chain give to an account, and resolves when it has; left out where there is none to ask.
   *
   * @throws REFUSED, UNREACHABLE, UNSUPPORTED, TIMEOUT, ABORTED
   */
  readonly requestFunds?: (address: Uint8Array, signal: AbortSignal) => Promise<unknown>;
  /** Newest first. */
  recentBlobs(): readonly Uint8Array[];
  /** Never resolves while all is well; rejected when the chain cannot go on. */
  readonly running: Promise<void>;
  stop(): Promise<void>;
}
