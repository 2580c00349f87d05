import { randomInt } from 'node:crypto';
import type { Clock } from '@perigee/light-core/roles';
import { type Shard, shardsCoverAll, someSegmentOf } from '@perigee/light-core/storage';
import { type Host, open, segmentUploadProtocol } from '@perigee/net';
import {
  FILE_LOCATIONS_MS,
  FILE_STATUS,
  GATEWAY_TIMEOUT_MS,
  MAX_CACHED_LOCATIONS,
  MAX_GATEWAY_NODES,
  OPEN_FILE_LOCATIONS_MS,
  type StoredFile,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { ListedNode, Providers, StorageDirectory } from '../node/index.ts';
import type { VerifiedSegments } from './verified-segments.ts';

/** Who has all of a file that is of its shard. */
export interface FileLocations {
  /** This node does. */
  readonly own: boolean;
  /** The others that do. */
  readonly others: readonly ListedNode[];
  /** What they have, each. */
  readonly shards: readonly Shard[];
  /** Together they have every segment. */
  readonly isWhole: boolean;
}

export interface FileLocatorParts {
  readonly host: Host;
  readonly log: FileLog;
  readonly clock: Clock;
  readonly directory: Pick<StorageDirectory, 'nodes'>;
  readonly segments: VerifiedSegments;
  /** Finds nodes that this one is not connected to. */
  readonly providers?: Pick<Providers, 'find'>;
}

/**
 * Finds out who has a file: a node that says that it does must give a segment of it that is chosen at random. Where those that are connected have not all of
 * a file, it is looked for further.
 */
export class FileLocator {
  readonly #parts: FileLocatorParts;
  /** By number; the one asked last is at the end. */
  readonly #known = new Map<number, { readonly untilMs: number; readonly locations: Promise<FileLocations> }>();

  constructor(parts: FileLocatorParts) {
    this.#parts = parts;
  }

  /** Whether connected nodes have every segment so often, each on another of them. */
  async isStored(file: StoredFile, copies: number, signal: AbortSignal): Promise<boolean> {
    const known = this.#known.get(file.txSeq);
    const { shards } = known === undefined ? { shards: [] } : await known.locations;
    if (known !== undefined && known.untilMs > this.#parts.clock.now() && covers(shards, copies)) return true;
    return covers((await this.#look(file, false, signal)).shards, copies);
  }

  async find(file: StoredFile, signal: AbortSignal): Promise<FileLocations> {
    const now = this.#parts.clock.now();
    const known = this.#known.get(file.txSeq);
    if (known !== undefined && known.untilMs > now) return known.locations;
    // whoever asks meanwhile waits for the same answer, so nobody's going ends it
    const locations = this.#look(file, true, AbortSignal.timeout(2 * GATEWAY_TIMEOUT_MS));
    this.#known.delete(file.txSeq);
    this.#known.set(file.txSeq, { untilMs: now + FILE_LOCATIONS_MS, locations });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_CACHED_LOCATIONS && oldest !== undefined) this.#known.delete(oldest);
    const found = await locations;
    if (!found.isWhole) this.#known.set(file.txSeq, { untilMs: now + OPEN_FILE_LOCATIONS_MS, locations });
    signal.throwIfAborted();
    return found;
  }

  async #look(file: StoredFile, isFar: boolean, signal: AbortSignal): Promise<FileLocations> {
    const { log, directory } = this.#parts;
    const own = log.status(file).finalized;
    const nodes = directory.nodes().slice(0, MAX_GATEWAY_NODES);
    const having: ListedNode[] = [];
    await Promise.all(nodes.map(async (node) => ((await this.#has(node, file, signal)) ? having.push(node) : 0)));
    const shards = (): Shard[] => [...(own ? [log.shard] : []), ...having.map(({ shard }) => shard)];
    const isWhole = (): boolean => covers(shards(), 1);
    if (isFar && !isWhole()) {
      const found = await this.#parts.providers?.find(file, signal).catch(() => []);
      const known = new Set(having.map(({ peerId }) => peerId));
      for (const { peerId, shard, url } of found ?? []) {
        if (!known.has(peerId)) having.push({ peerId, shard, url, sinceMs: this.#parts.clock.now(), rttMs: undefined });
      }
    }
    return { own, others: having, shards: shards(), isWhole: isWhole() };
  }

  async #has(node: ListedNode, file: StoredFile, signal: AbortSignal): Promise<boolean> {
    const { host, segments } = this.#parts;
    const { peerId, shard } = node;
    const { txSeq, root, length } = file;
    try {
      const client = open(host, { peerId, multiaddrs: [] }, segmentUploadProtocol);
      const question = { txSeq, root, length, segments: [], heldFrom: 0 };
      const answer = await client.callOne(question, { signal, timeoutMs: GATEWAY_TIMEOUT_MS });
      if (answer.status !== FILE_STATUS.finalized) return false;
      if (answer.shardId !== shard.shardId || answer.numShard !== shard.numShard) return false;
    } catch {
      return false;
    }
    const index = someSegmentOf(shard, file, (end) => randomInt(end));
    return index === undefined || segments.isServedBy(node, file, index, signal);
  }
}

function covers(shards: readonly Shard[], copies: number): boolean {
  return shards.length > 0 && shardsCoverAll(shards, copies);
}
