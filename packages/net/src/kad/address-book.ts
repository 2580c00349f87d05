import type { AbortOptions, PeerId, PeerInfo } from '@libp2p/interface';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { MAX_ADDRESS_BYTES, MAX_KAD_PEERS } from '@perigee/wire';
import { keepAddresses } from '../keep-addresses.ts';

interface KnownAddresses {
  readonly id: PeerId;
  readonly multiaddrs: readonly Multiaddr[];
}

/** A peer as libp2p's store of peers tells of it. */
interface StoredPeer {
  readonly id: PeerId;
  readonly addresses: readonly { readonly multiaddr: Multiaddr; readonly isCertified: false }[];
  readonly protocols: readonly string[];
}

/**
 * Where peers of Kademlia can be reached, for as many as MAX_KAD_PEERS. It stands in for libp2p's store of peers, which grows with every peer that
 * an answer names, and forgets, in our host, whoever is not connected.
 */
export class AddressBook {
  /** The one that was of use last is at the end. */
  readonly #known = new Map<string, KnownAddresses>();

  /** @throws an error named NotFoundError, as libp2p's store does */
  async get(id: PeerId): Promise<StoredPeer> {
    const { multiaddrs } = this.#find(id);
    return { id, addresses: multiaddrs.map((address) => ({ multiaddr: address, isCertified: false })), protocols: [] };
  }

  /** @throws as `get` */
  async getInfo(id: PeerId): Promise<PeerInfo> {
    return { id, multiaddrs: [...this.#find(id).multiaddrs] };
  }

  /** Peers of an earlier run: there are none. */
  async all(): Promise<StoredPeer[]> {
    return [];
  }

  /** Adds addresses; all else that libp2p's store would keep of a peer is of no use here. */
  async merge(id: PeerId, data: { readonly multiaddrs?: readonly Multiaddr[] }, _options?: AbortOptions): Promise<void> {
    if (data.multiaddrs !== undefined) this.add(id, data.multiaddrs);
  }

  /** The newest addresses of a peer come first, and the oldest go, as long as one of each transport is left. */
  add(id: PeerId, multiaddrs: readonly Multiaddr[]): void {
    const name = id.toString();
    const texts = [...multiaddrs, ...(this.#known.get(name)?.multiaddrs ?? [])].map((address) => withoutPeer(address.toString()));
    const kept = keepAddresses([...new Set(texts)].filter((text) => text.length <= MAX_ADDRESS_BYTES));
    this.#known.delete(name);
    if (kept.length === 0) return;
    this.#known.set(name, { id, multiaddrs: kept.map((text) => multiaddr(text)) });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KAD_PEERS && oldest !== undefined) this.#known.delete(oldest);
  }

  /** As text, without peer id. */
  of(peerId: string): string[] {
    return (this.#known.get(peerId)?.multiaddrs ?? []).map((address) => address.toString());
  }

  #find(id: PeerId): KnownAddresses {
    const name = id.toString();
    const known = this.#known.get(name);
    if (known === undefined) throw Object.assign(new Error(`no address of peer ${name} is known`), { name: 'NotFoundError' });
    this.#known.delete(name);
    this.#known.set(name, known);
    return known;
  }
}

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '');
}
