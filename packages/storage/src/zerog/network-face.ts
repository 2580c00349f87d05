import { type Shard, shardsCoverAll } from '@perigee/light-core/storage';
import { MAX_NETWORK_COPIES, PerigeeError } from '@perigee/wire';

/** Every segment. */
export const ALL_SEGMENTS: Shard = { shardId: 0, numShard: 1 };

const PATH = /^\/network\/([1-9])$/;

/**
 * 0G's current client stores a file on several nodes wrongly where they get different numbers of segments: it sends of each only as many as go to the one that gets
 * the fewest. To a node that keeps everything it sends everything. So each node shows, under paths of its own, the whole network as one such node for each copy
 * of a file that the network has room for.
 *
 * @param url of the node's HTTP interface
 */
export function faceUrl(url: string, copy: number): string {
  return `${url.replace(/\/$/, '')}/network/${copy}`;
}

/** The copy that a path names, from 1; `undefined` for another path. */
export function copyOfPath(path: string): number | undefined {
  const copy = Number(PATH.exec(path)?.[1] ?? Number.NaN);
  return copy <= MAX_NETWORK_COPIES ? copy : undefined;
}

/** How often nodes of these shards can keep every segment, each time on others of them; MAX_NETWORK_COPIES at most. */
export function copiesOf(shards: readonly Shard[]): number {
  let copies = 0;
  while (copies < MAX_NETWORK_COPIES && shards.length > copies && shardsCoverAll(shards, copies + 1)) copies++;
  return copies;
}

/** NOT_FOUND as nothing, as 0G's nodes answer. */
export async function orNothing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (thrown) {
    if (PerigeeError.from(thrown).code === 'NOT_FOUND') return undefined;
    throw thrown;
  }
}
