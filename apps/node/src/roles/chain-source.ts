import type { VerifiedState } from '@perigee/light-core/roles';

/** Where a node has its chain from: its own engine, or a follower of somebody's. The other roles do not know which. */
export interface ChainSource {
  readonly chainId: string;
  readonly genesisHash: Uint8Array;
  readonly state: VerifiedState;
  /** Time of the latest header, RFC 3339, where this node can vouch for it. */
  readonly headTime: string | undefined;
  /** Earliest header that this node gives; 0 when it gives none. */
  readonly earliest: number;
  /** Newest first. */
  recentBlobs(): readonly Uint8Array[];
  /** Never resolves while all is well; rejected when the chain cannot go on. */
  readonly running: Promise<void>;
  stop(): Promise<void>;
}
