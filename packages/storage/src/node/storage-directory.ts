import { type Shard, storageOfferOf } from '@perigee/light-core/storage';
import type { Host } from '@perigee/net';
import { equal, MAX_BANNED_PEERS, type Status } from '@perigee/wire';

/** A node that says that it stores files of this chain. */
export interface ListedNode {
  readonly peerId: string;
  readonly shard: Shard;
  /** Its HTTP interface. */
  readonly url: string | undefined;
  /** When it said so first, and the shortest time from question to answer, milliseconds. */
  readonly sinceMs: number;
  readonly rttMs: number | undefined;
}

export interface StorageDirectoryOptions {
  readonly host: Host;
  readonly genesisHash: Uint8Array;
  readonly now: () => number;
}

/** The connected nodes that store files, by their own word: what they give is verified. */
export class StorageDirectory {
  readonly #options: StorageDirectoryOptions;
  readonly #heard = new Map<string, Omit<ListedNode, 'rttMs'>>();
  /** Ids of peers that lied, the latest last. */
  readonly #banned = new Set<string>();
  readonly #unsubscribe: () => void;

  constructor(options: StorageDirectoryOptions) {
    this.#options = options;
    this.#unsubscribe = options.host.subscribe((event) => {
      if (event.type === 'disconnect' && !this.#options.host.isConnected(event.connection.peerId))
        this.#heard.delete(event.connection.peerId);
    });
  }

  /** Takes the status of a connected peer. */
  hear(peerId: string, status: Status): void {
    const { genesisHash, now } = this.#options;
    const offer = equal(status.genesisHash, genesisHash) ? storageOfferOf(status) : undefined;
    if (offer === undefined || this.#banned.has(peerId) || !this.#options.host.isConnected(peerId)) {
      this.#heard.delete(peerId);
      return;
    }
    const { shardId, numShard, url } = offer;
    const sinceMs = this.#heard.get(peerId)?.sinceMs ?? now();
    this.#heard.set(peerId, { peerId, shard: { shardId, numShard }, url, sinceMs });
  }

  /** Those that may be asked, the nearest first. */
  nodes(): ListedNode[] {
    const connections = this.#options.host.connections();
    return [...this.#heard.values()]
      .map((node) => {
        const times = connections.flatMap(({ peerId, rttMs }) => (peerId === node.peerId && rttMs !== undefined ? [rttMs] : []));
        return { ...node, rttMs: times.length === 0 ? undefined : Math.min(...times) };
      })
      .sort((a, b) => (a.rttMs ?? Number.MAX_VALUE) - (b.rttMs ?? Number.MAX_VALUE));
  }

  /** Who gave what was proved false is not asked again. */
  ban(peerId: string): void {
    this.#heard.delete(peerId);
    this.#banned.add(peerId);
    const [oldest] = this.#banned;
    if (this.#banned.size > MAX_BANNED_PEERS && oldest !== undefined) this.#banned.delete(oldest);
  }

  stop(): void {
    this.#unsubscribe();
  }
}
