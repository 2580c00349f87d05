/** What applications ask of transfers of stored files, and what they are told. */

export interface GetProgress {
  /** `check`: what an earlier run left is read again; `fetch`: segments come; `done`: the file is whole. */
  readonly stage: 'check' | 'fetch' | 'done';
  /** Bytes of the file that are there and hold, those of an earlier run too. */
  readonly verifiedBytes: number;
  readonly totalBytes: number;
  /** Bytes received. */
  readonly bytesIn: number;
  /** Bytes that an earlier run left, checked again. */
  readonly resumedBytes: number;
  /** Verified bytes from each node. */
  readonly byPeer: readonly (readonly [peerId: string, bytes: number])[];
}

export interface PutProgress {
  /** `hash`: the file is read for its root; `pay`: the chain takes it; `upload`: nodes take its segments; `done`: they have all. */
  readonly stage: 'hash' | 'pay' | 'upload' | 'done';
  readonly hashedBytes: number;
  /**
   * How much of it nodes have, of all files together and as often as asked: what they had before counts too. It never falls, also where a node is lost and
   * another begins anew.
   */
  readonly storedBytes: number;
  /** The same all along: the lengths of all files, as often as asked. */
  readonly storeBytes: number;
  /** Bytes of segments that were sent. */
  readonly sentBytes: number;
  readonly nodes: readonly NodeProgress[];
}

/** A node that takes a file. */
export interface NodeProgress {
  readonly peerId: string;
  readonly shardId: number;
  readonly numShard: number;
  /** Segments of its shard that it has not. */
  readonly missing: number;
  readonly finalized: boolean;
}
