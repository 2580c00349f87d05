/** Which node stores which segment: segments of the flow, counted from its start, by remainder. */
import { FILE_SEGMENT_CHUNKS, MAX_FILE_SHARDS, PerigeeError } from '@perigee/wire';

/** Segments s with s % numShard = shardId. */
export interface Shard {
  readonly shardId: number;
  /** A power of two. */
  readonly numShard: number;
}

/**
 * @returns the shard
 * @throws INVALID_ARGUMENT
 */
export function checkShard(shard: Shard): Shard {
  const { shardId, numShard } = shard;
  const isPower =
    Number.isInteger(numShard) && numShard >= 1 && numShard <= MAX_FILE_SHARDS && Number.isInteger(Math.log2(numShard));
  if (!isPower || !Number.isInteger(shardId) || shardId < 0 || shardId >= numShard) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `there is no shard ${shardId} of ${numShard}: shards are a power of two up to ${MAX_FILE_SHARDS}, counted from 0`,
    );
  }
  return shard;
}

/** Whether a shard holds a segment of a file that begins at `startSector` of the flow. */
export function holdsSegment({ shardId, numShard }: Shard, startSector: number, index: number): boolean {
  return (Math.floor(startSector / FILE_SEGMENT_CHUNKS) + index) % numShard === shardId;
}

/** Whether some segment is in both. */
export function shardsIntersect(a: Shard, b: Shard): boolean {
  const common = Math.min(a.numShard, b.numShard);
  return a.shardId % common === b.shardId % common;
}

/** Whether every segment is in at least `replicas` of the shards. */
export function shardsCoverAll(shards: readonly Shard[], replicas = 1): boolean {
  return new Coverage(shards).missing(replicas) === 0;
}

/**
 * Choose nodes that together hold every segment `replicas` times, those that come first where there is a choice, and none that is not needed.
 *
 * @param nodes in the order in which they are liked
 * @throws NOT_FOUND when all of them together do not
 */
export function selectNodes<T extends { readonly shard: Shard }>(nodes: readonly T[], replicas: number): T[] {
  if (!Number.isInteger(replicas) || replicas < 1) {
    throw new PerigeeError('INVALID_ARGUMENT', `every segment is stored once or more often, not ${replicas} times`);
  }
  const coverage = new Coverage(nodes.map(({ shard }) => shard));
  const missing = coverage.missing(replicas);
  if (missing > 0) {
    throw new PerigeeError(
      'NOT_FOUND',
      `${nodes.length} nodes do not hold every segment ${replicas} times: wait for more, or ask for fewer`,
      {
        data: { nodes: nodes.length, replicas },
      },
    );
  }
  // whoever is liked least is asked first whether the others do without it
  const taken = new Set(nodes);
  for (const node of nodes.toReversed()) {
    if (coverage.without(node.shard, replicas)) taken.delete(node);
  }
  return nodes.filter((node) => taken.has(node));
}

/** How often each remainder of the finest shard is held. */
class Coverage {
  readonly #counts: Uint32Array;

  constructor(shards: readonly Shard[]) {
    for (const shard of shards) checkShard(shard);
    this.#counts = new Uint32Array(shards.reduce((most, { numShard }) => Math.max(most, numShard), 1));
    for (const shard of shards) this.#each(shard, (at) => this.#add(at, 1));
  }

  /** Remainders that are held less often than that. */
  missing(replicas: number): number {
    return this.#counts.reduce((sum, count) => sum + (count < replicas ? 1 : 0), 0);
  }

  /** Take a shard out, if all that it holds is held often enough by others. */
  without(shard: Shard, replicas: number): boolean {
    let isNeeded = false;
    this.#each(shard, (at) => {
      isNeeded ||= (this.#counts[at] ?? 0) <= replicas;
    });
    if (!isNeeded) this.#each(shard, (at) => this.#add(at, -1));
    return !isNeeded;
  }

  #each({ shardId, numShard }: Shard, visit: (at: number) => void): void {
    for (let at = shardId; at < this.#counts.length; at += numShard) visit(at);
  }

  #add(at: number, by: number): void {
    this.#counts[at] = (this.#counts[at] ?? 0) + by;
  }
}
