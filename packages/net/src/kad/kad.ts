import type { Connection, PeerId, Stream } from '@libp2p/interface';
import { type KadDHT, type KadDHTComponents, kadDHT, passthroughMapper } from '@libp2p/kad-dht';
import { peerIdFromString } from '@libp2p/peer-id';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import {
  concat,
  KAD_CLOSEST,
  KAD_JOIN_MS,
  KAD_PING_MS,
  MAX_KAD_NAMED,
  MAX_KAD_REQUESTS_PER_SECOND,
  MAX_KAD_ROUNDS,
  MAX_KAD_STREAM_BYTES,
  MAX_KAD_STREAMS_PER_PEER,
  toHex,
} from '@perigee/wire';
import { limitedSignal, throwIfAborted } from '../abort.ts';
import type { KnownPeer } from '../client.ts';
import type { Host } from '../create-host.ts';
import { PeerQuotas } from '../server-quota.ts';
import { isPrivateAddress, transportOf } from '../transport.ts';
import { AddressBook } from './address-book.ts';
import { noDatastore } from './no-datastore.ts';

/** A multihash of Keccak-256: the keys of files follow from their data roots. */
const KECCAK_256 = Uint8Array.of(0x1b, 0x20);

export interface KadOptions {
  readonly host: Host;
  /** Only nodes that speak the same take part (`chainProtocol`). */
  readonly protocol: string;
  /** A server answers questions, and others know it; a client only asks. */
  readonly mode: 'server' | 'client';
}

/**
 * Who is close to a file, by `@libp2p/kad-dht`. Of Kademlia only the ways to peers are used: what peers say of files is signed, and goes another
 * way, so nothing that strangers put is kept. Every connection is dialled as all others of the host.
 */
export class Kad {
  readonly #host: Host;
  readonly #book = new AddressBook();
  readonly #dht: Dht;
  readonly #openStream: (id: PeerId, name: string, options: { signal?: AbortSignal }) => Promise<Stream>;
  readonly #protocol: string;
  #joining = false;

  private constructor({ host, protocol, mode }: KadOptions) {
    this.#host = host;
    this.#protocol = protocol;
    const { libp2p, dialer } = host;
    const quotas = new PeerQuotas(host.clock, {
      maxStreams: MAX_KAD_STREAMS_PER_PEER,
      maxConcurrentPerPeer: MAX_KAD_STREAMS_PER_PEER,
      requestsPerSecond: MAX_KAD_REQUESTS_PER_SECOND,
      requestBurst: 2 * MAX_KAD_REQUESTS_PER_SECOND,
    });
    this.#openStream = async (id, name, options) => {
      const peerId = id.toString();
      const record = await dialer.dial({ peerId, multiaddrs: this.#book.of(peerId) }, options.signal);
      const stream = await record.libp2p.newStream(name, options);
      bound(stream);
      return stream;
    };
    const isDialable = (address: Multiaddr): boolean =>
      transportOf(address) !== undefined && (host.allowPrivate || !isPrivateAddress(address));
    // what @libp2p/kad-dht 16.4.5 asks of libp2p, and no more; it would use libp2p's own dial queue, store of peers, and identify
    const components = {
      peerId: libp2p.peerId,
      logger: libp2p.logger,
      peerStore: this.#book,
      datastore: noDatastore,
      addressManager: { getAddresses: () => host.multiaddrs().map((address) => multiaddr(address)) },
      connectionManager: {
        openStream: this.#openStream,
        isDialable: async (addresses: readonly Multiaddr[]) => addresses.some(isDialable),
      },
      registrar: {
        // nobody tells which protocols a peer speaks: `meet` does
        register: async () => 'none',
        unregister: () => {},
        unhandle: (name: string) => libp2p.unhandle(name),
        handle: (name: string, handler: (stream: Stream, connection: Connection) => Promise<void>) =>
          libp2p.handle(
            name,
            async (stream, connection) => {
              const quota = quotas.of(connection.remotePeer.toString());
              if (quota.enter() !== undefined) {
                stream.abort(new Error('too many questions'));
                return;
              }
              bound(stream);
              await handler(stream, connection).finally(() => quota.leave());
            },
            { maxInboundStreams: MAX_KAD_STREAMS_PER_PEER },
          ),
      },
      // whoever lets a stream of the protocol be opened takes part in it
      ping: {
        ping: async (id: PeerId, options: { signal?: AbortSignal } = {}) => {
          await this.#ping(id, options);
          return 0;
        },
      },
    };
    this.#dht = kadDHT({
      protocol,
      clientMode: mode === 'client',
      allowQueryWithZeroPeers: true,
      peerInfoMapper: passthroughMapper,
    })(components as unknown as KadDHTComponents) as Dht;
  }

  static async start(options: KadOptions): Promise<Kad> {
    const kad = new Kad(options);
    await kad.#dht.start();
    return kad;
  }

  /** Peers that are known to take part. */
  get size(): number {
    return this.#dht.routingTable.size;
  }

  /** A peer says that it takes part, at these addresses. It is asked before it is believed, and then for those who are close to this node. */
  async meet({ peerId, multiaddrs }: KnownPeer): Promise<void> {
    const id = peerIdFromString(peerId);
    const before = this.size;
    this.#book.add(id, multiaddrs.flatMap(parsed));
    await this.#dht.routingTable.add(id);
    if (this.size <= before || this.#joining) return;
    this.#joining = true;
    const signal = limitedSignal(this.#host.signal, KAD_JOIN_MS);
    await this.#nearest(this.#host.libp2p.peerId.toMultihash().bytes, signal).catch(() => {}); // it is tried again with the next that is met
    this.#joining = false;
  }

  /**
   * Those who are closest to a file and could be asked, the closest first, KAD_CLOSEST at most.
   *
   * @param root its data root
   * @throws ABORTED, TIMEOUT
   */
  async closest(root: Uint8Array, signal: AbortSignal): Promise<KnownPeer[]> {
    const nearest = await this.#nearest(concat(KECCAK_256, root), signal);
    return nearest.map((id) => ({ peerId: id.toString(), multiaddrs: this.#book.of(id.toString()) }));
  }

  /**
   * The library's walk asks only those who are closer than who names them, and so may stop at very few: it is made again, with whom it has found, until
   * nobody near is left who was not asked.
   */
  async #nearest(key: Uint8Array, signal: AbortSignal): Promise<PeerId[]> {
    const there = new Map<string, PeerId>();
    const away = new Set<string>([this.#host.peerId]);
    for (let round = 0, grew = this.size > 0; grew && round < MAX_KAD_ROUNDS; round++) {
      grew = false;
      const named = new Map<string, PeerId>();
      for await (const event of this.#dht.getClosestPeers(key, { signal })) {
        if (event.name === 'FINAL_PEER') there.set(event.peer.id.toString(), event.peer.id);
        if (event.name !== 'PEER_RESPONSE') continue;
        for (const { id, multiaddrs } of event.closer) {
          this.#book.add(id, multiaddrs);
          if (named.size < MAX_KAD_NAMED) named.set(id.toString(), id);
        }
      }
      const near = await nearestOf([...new Map([...named, ...there]).values()], key, KAD_CLOSEST);
      const unasked = near.filter((id) => !there.has(id.toString()) && !away.has(id.toString()));
      await Promise.all(
        unasked.map(async (id) => {
          if (!(await this.#answers(id, signal))) return away.add(id.toString());
          await this.#dht.routingTable.add(id).catch(() => {});
          grew = true;
          return there.set(id.toString(), id);
        }),
      );
      throwIfAborted(signal);
    }
    there.delete(this.#host.peerId);
    return nearestOf([...there.values()], key, KAD_CLOSEST);
  }

  async #ping(id: PeerId, options: { signal?: AbortSignal }): Promise<void> {
    const stream = await this.#openStream(id, this.#protocol, options);
    await stream.close(options);
  }

  async #answers(id: PeerId, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ping(id, { signal: limitedSignal(signal, KAD_PING_MS) });
      return true;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    await this.#dht.stop();
    await this.#host.libp2p.unhandle(this.#protocol);
  }
}

/** What is used of the library's class, of which it gives the type of a part only. */
interface Dht extends KadDHT {
  readonly routingTable: { readonly size: number; add(id: PeerId): Promise<void> };
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The peers whose hashed ids are nearest to the hashed key, the nearest first: Kademlia's distance. */
async function nearestOf(ids: readonly PeerId[], key: Uint8Array, count: number): Promise<PeerId[]> {
  const digest = async (bytes: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  const target = await digest(key);
  const distances = await Promise.all(
    ids.map(async (id) => ({ id, far: toHex((await digest(id.toMultihash().bytes)).map((byte, i) => byte ^ (target[i] ?? 0))) })),
  );
  return distances
    .sort((a, b) => (a.far < b.far ? -1 : 1))
    .slice(0, count)
    .map(({ id }) => id);
}

/** Ends a stream on which more comes than messages have. */
function bound(stream: Stream): void {
  let left = MAX_KAD_STREAM_BYTES;
  stream.addEventListener('message', ({ data }) => {
    left -= data.byteLength;
    if (left < 0) stream.abort(new Error(`more than ${MAX_KAD_STREAM_BYTES} bytes of Kademlia on a stream`));
  });
}

function parsed(text: string): Multiaddr[] {
  try {
    return [multiaddr(text)];
  } catch {
    return [];
  }
}
