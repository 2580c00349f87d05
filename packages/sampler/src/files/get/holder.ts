import { fileGeometry, holdsSegment, type Shard } from '@perigee/light-core/storage';
import { FILE_STATUS, type StoredFile } from '@perigee/wire';
import { askNode } from '../ask-node.ts';
import type { FilePeer } from '../parts.ts';

/** What a node says that it has of a file. */
export interface Holding {
  readonly shard: Shard;
  /** Every segment of its shard. */
  readonly finalized: boolean;
  /** Segments of its shard that it does not have. */
  readonly missing: number;
  /** Whether it says that it has this segment. */
  has(index: number): boolean;
}

/** Asks a node what it has of a submission. @throws what `askNode` throws */
export async function askHolding(peer: FilePeer, file: StoredFile, signal: AbortSignal): Promise<Holding> {
  const { shard, answer, needless } = await askNode(peer, file, signal);
  const { segments } = fileGeometry(file.length);
  return {
    shard,
    finalized: answer.status === FILE_STATUS.finalized,
    missing: answer.missing,
    has: (index) => index < segments && holdsSegment(shard, file.startSector, index) && needless(index),
  };
}
