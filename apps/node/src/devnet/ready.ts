import { PerigeeError, type StorageOffer } from '@perigee/wire';
import type { ComputeReady } from '../roles/compute-role.ts';

/** What `perigee node` says in its READY line. */
export interface NodeReady {
  readonly peerId: string;
  /** Ending in `/p2p/<peer id>`. */
  readonly multiaddrs: readonly string[];
  readonly roles: readonly string[];
  readonly chainId: string;
  /** Hexadecimal. */
  readonly genesisHash: string;
  /** Header that others may be told to trust, of a node that has the chain role. */
  readonly root?: { readonly height: number; readonly headerHash: string; readonly time: string };
  /** `<node id>@<host>:<port>` where other CometBFT nodes connect, of a chain that runs on CometBFT. */
  readonly cometbft?: string;
  /** What it stores of the flow, and where 0G's clients reach it, of a node that stores files. */
  readonly storage?: StorageOffer;
  /** Who answers with which models, of a node that computes. */
  readonly compute?: ComputeReady;
  /** Where Ethereum's JSON-RPC is, of a node that has the chain and serves it. */
  readonly ethereum?: string;
  /** Where `/metrics` and `/healthz` are, when they are served. */
  readonly metrics?: string;
}

/** Reads the line of another process. @throws PARSE */
export function parseNodeReady(value: unknown): NodeReady {
  const ready = value as Partial<NodeReady> | null;
  const texts = [ready?.peerId, ready?.chainId, ready?.genesisHash];
  if (ready === null || !texts.every((text) => typeof text === 'string') || !Array.isArray(ready?.multiaddrs)) {
    throw new PerigeeError('PARSE', 'a node of the devnet said something else than where it is');
  }
  return ready as NodeReady;
}
