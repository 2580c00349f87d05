import type { Clock } from '@perigee/light-core/roles';
import { dialPeer, type Host, type KnownPeer } from '@perigee/net';
import { equal, PerigeeError, type Status } from '@perigee/wire';
import { Peer } from './peer.ts';

/** Peers that a light node knows at once: bounds what a lying peer's list can make it dial. */
const MAX_PEERS = 32;
const FIRST_REDIAL_MS = 1_000;
const LAST_REDIAL_MS = 30_000;

export interface PeerSetOptions {
  readonly host: Host;
  readonly clock: Clock;
  readonly genesisHash: Uint8Array;
  readonly signal: AbortSignal;
  /** A peer said something new of itself. Its next word is heard when this is done, so that nobody is served faster than we work. */
  readonly onStatus: (peer: Peer, status: Status) => Promise<void>;
  /** Something that a view shows has changed. */
  readonly onChange: () => void;
}

/** Keeps a connection to every peer it knows and hears their status; dials again, more and more slowly, when one is lost. */
export class PeerSet {
  readonly #options: PeerSetOptions;
  readonly #peers = new Map<string, Peer>();

  constructor(options: PeerSetOptions) {
    this.#options = options;
    const unsubscribe = options.host.subscribe(() => options.onChange());
    options.signal.addEventListener('abort', unsubscribe, { once: true });
  }

  list(): Peer[] {
    return [...this.#peers.values()];
  }

  usable(): Peer[] {
    return this.list().filter((peer) => peer.usable);
  }

  get(id: string): Peer | undefined {
    return this.#peers.get(id);
  }

  /** Adds a peer, or newer addresses of one that is known. Addresses add peers, never trust (PROTOCOL §5). */
  add(address: KnownPeer): void {
    const known = this.#peers.get(address.peerId);
    if (known !== undefined) {
      known.readdress(address.multiaddrs);
      return;
    }
    if (this.#peers.size >= MAX_PEERS || address.peerId === this.#options.host.peerId) return;
    const peer = new Peer(this.#options.host, address);
    this.#peers.set(peer.id, peer);
    void this.#keep(peer);
  }

  /** Addresses as text, ending in `/p2p/<peer id>`; those of one peer go together. */
  addText(addresses: readonly string[]): void {
    const byPeer = new Map<string, string[]>();
    for (const address of addresses) {
      const peerId = /\/p2p\/([A-Za-z0-9]+)$/.exec(address)?.[1];
      if (peerId !== undefined) byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), address]);
    }
    for (const [peerId, multiaddrs] of byPeer) this.add({ peerId, multiaddrs });
  }

  /** A peer that was proved to lie is not asked again. */
  ban(peer: Peer, reason: string): void {
    if (peer.banned !== undefined) return;
    peer.banned = reason;
    this.#options.host.disconnect(peer.id).catch(() => {});
    this.#options.onChange();
  }

  async #keep(peer: Peer): Promise<void> {
    const { host, clock, signal, onChange } = this.#options;
    let wait = FIRST_REDIAL_MS;
    while (!signal.aborted && peer.banned === undefined) {
      try {
        await dialPeer(host, peer.address, { signal });
        peer.error = undefined;
        onChange();
        for await (const status of peer.watchStatus({ signal })) {
          wait = FIRST_REDIAL_MS;
          await this.#heard(peer, status);
          if (peer.banned !== undefined) break;
        }
      } catch (error) {
        if (!signal.aborted) peer.error = PerigeeError.from(error).message;
      }
      if (signal.aborted || peer.banned !== undefined) return;
      onChange();
      await clock.sleep(wait, signal).catch(() => {});
      wait = Math.min(2 * wait, LAST_REDIAL_MS);
    }
  }

  async #heard(peer: Peer, status: Status): Promise<void> {
    const { genesisHash, onStatus, onChange } = this.#options;
    if (!equal(status.genesisHash, genesisHash)) {
      this.ban(peer, 'it is on another chain');
      return;
    }
    peer.status = status;
    peer.error = undefined;
    onChange();
    await onStatus(peer, status);
    onChange();
  }
}
