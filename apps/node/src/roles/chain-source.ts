import type { VerifiedState } from '@perigee/light-core/roles';

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
  /** Header that others may be told to trust, where this node can vouch for one. */
  root(height?: number): Promise<RootHeader | undefined>;
  /** Earliest header that this node gives; 0 when it gives none. */
  readonly earliest: number;
  /** Whether this node gives tokens of a development chain to whoever asks. */
  readonly hasFaucet: boolean;
  /** Newest first. */
  recentBlobs(): readonly Uint8Array[];
  /** Never resolves while all is well; rejected when the chain cannot go on. */
  readonly running: Promise<void>;
  stop(): Promise<void>;
}
