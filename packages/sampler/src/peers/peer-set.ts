import type { Clock } from '@perigee/light-core/roles';
import { storageOfferOf } from '@perigee/light-core/storage';
import { dialPeer, eitherSignal, type Host, type HostEvent, type KnownPeer } from '@perigee/net';
import {
  MAX_BANNED_PEERS,
  MAX_HINT_DIALS,
  MAX_PEERS,
  PerigeeError,
  STATUS_INTERVAL_MS,
  STATUS_SILENCE_MS,
  type Status,
} from '@perigee/wire';
import { judge, type OnLie } from './lies.ts';
import { Peer, type PeerOrigin } from './peer.ts';

const FIRST_REDIAL_MS = 1_000;
const LAST_REDIAL_MS = 30_000;
/** A stronger origin is not displaced by a weaker one. */
const STRENGTH: Readonly<Record<PeerOrigin, number>> = { hint: 0, signed: 1, given: 2 };

export interface PeerSetOptions {
  readonly host: Host;
  readonly clock: Clock;
  /** Whether a peer of this genesis hash is on our chain. */
  readonly isOurChain: (genesisHash: Uint8Array) => boolean;
  readonly signal: AbortSignal;
  /** A peer said something new of itself. Its next word is heard when this is done, so that nobody is served faster than we work. */
  readonly onStatus: (peer: Peer, status: Status) => Promise<void>;
  readonly onLie: OnLie;
  /** A peer is connected, or no more. */
  readonly onConnection: (peer: Peer, isConnected: boolean) => void;
  /** Something that a view shows has changed. */
  readonly onChange: () => void;
}

/** Keeps a connection to every peer it knows and hears their status; dials again, more and more slowly, when one is lost. */
export class PeerSet {
  readonly #options: PeerSetOptions;
  readonly #peers = new Map<string, Peer>();
  /** Ends what is done for a peer. */
  readonly #stops = new Map<string, AbortController>();
  /** Time until a peer is dialled again, milliseconds. */
  readonly #waits = new Map<string, number>();
  /** Cuts short a dial, or the wait for one. */
  readonly #wakes = new Map<string, () => void>();
  /** Ids of peers that lied, the latest last. */
  readonly #banned = new Set<string>();

  constructor(options: PeerSetOptions) {
    this.#options = options;
    const unsubscribe = options.host.subscribe((event) => this.#onEvent(event));
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

  /**
   * Adds a peer, or newer addresses of one that is known. Addresses add peers, never trust (PROTOCOL §5).
   *
   * @returns `undefined` when there is no room for it, or it has lied, or it is this node
   */
  add(address: KnownPeer, origin: PeerOrigin): Peer | undefined {
    const known = this.#peers.get(address.peerId);
    if (known !== undefined) {
      // what nobody vouches for must not lead away from a peer that is known
      const isElsewhere = origin !== 'hint' && known.readdress(address.multiaddrs);
      if (origin === 'given' || isElsewhere) this.#wake(known);
      if (STRENGTH[origin] > STRENGTH[known.origin]) known.origin = origin;
      return known;
    }
    if (address.peerId === this.#options.host.peerId || this.#banned.has(address.peerId)) return undefined;
    if (this.#peers.size >= MAX_PEERS && !this.#makeRoom(origin)) return undefined;
    const peer = new Peer(this.#options.host, address, origin);
    const stop = new AbortController();
    this.#peers.set(peer.id, peer);
    this.#stops.set(peer.id, stop);
    void this.#keep(peer, eitherSignal(this.#options.signal, stop.signal));
    return peer;
  }

  /** Adds what the user or the trust root gave: addresses as text, ending in `/p2p/<peer id>`; those of one peer go together. */
  addText(addresses: readonly string[]): void {
    const byPeer = new Map<string, string[]>();
    for (const address of addresses) {
      const peerId = /\/p2p\/([A-Za-z0-9]+)$/.exec(address)?.[1];
      if (peerId !== undefined) byPeer.set(peerId, [...(byPeer.get(peerId) ?? []), address]);
    }
    for (const [peerId, multiaddrs] of byPeer) this.add({ peerId, multiaddrs }, 'given');
  }

  /** A peer that was proved to lie is not asked again. */
  ban(peer: Peer, reason: string): void {
    if (peer.banned !== undefined) return;
    peer.banned = reason;
    this.#banned.add(peer.id);
    const [oldest] = this.#banned;
    if (this.#banned.size > MAX_BANNED_PEERS && oldest !== undefined) this.#banned.delete(oldest);
    this.#stops.get(peer.id)?.abort();
    this.#options.host.disconnect(peer.id).catch(() => {});
    this.#options.onChange();
  }

  /** Forgets the least useful of the peers that nobody vouches for. Such a peer itself makes none go. */
  #makeRoom(origin: PeerOrigin): boolean {
    if (origin === 'hint') return false;
    const use = (peer: Peer): number => (peer.banned !== undefined ? 0 : peer.connection === undefined ? 1 : 2);
    const [least] = this.list()
      .filter((peer) => peer.origin === 'hint')
      .sort((a, b) => use(a) - use(b));
    if (least !== undefined) this.#forget(least);
    return least !== undefined;
  }

  #forget(peer: Peer): void {
    if (peer.connection !== undefined) this.#options.onConnection(peer, false); // its event finds nobody
    this.#peers.delete(peer.id);
    this.#stops.get(peer.id)?.abort();
    this.#stops.delete(peer.id);
    this.#waits.delete(peer.id);
    this.#options.host.disconnect(peer.id).catch(() => {});
    this.#options.onChange();
  }

  /** Who gives an address now knows something new: the peer is dialled soon, however often that has failed. */
  #wake(peer: Peer): void {
    this.#waits.delete(peer.id);
    this.#wakes.get(peer.id)?.();
  }

  #onEvent(event: HostEvent): void {
    const { host, onConnection, onChange } = this.#options;
    if (event.type !== 'protocolError') {
      const { connection } = event;
      const peer = this.#peers.get(connection.peerId);
      const others = host.connections().some(({ id, peerId }) => peerId === connection.peerId && id !== connection.id);
      if (peer !== undefined && event.type === 'disconnect') peer.count(connection);
      if (peer !== undefined && !others) onConnection(peer, event.type === 'connect');
    }
    onChange();
  }

  async #keep(peer: Peer, signal: AbortSignal): Promise<void> {
    const { host, clock, onLie, onChange } = this.#options;
    let failedDials = 0;
    while (!signal.aborted) {
      try {
        failedDials++;
        await this.#wakeable(peer, signal, (until) => dialPeer(host, peer.address, { signal: until }));
        failedDials = 0;
        peer.error = undefined;
        onChange();
        for await (const status of peer.watchStatus({ signal, timeoutMs: STATUS_SILENCE_MS })) {
          this.#waits.delete(peer.id);
          await this.#heard(peer, status);
          await clock.sleep(STATUS_INTERVAL_MS, signal);
        }
      } catch (thrown) {
        if (signal.aborted) return;
        const { code } = judge(peer, thrown, onLie);
        // a connection on which nothing comes any more may be dead: the next dial makes a new one
        if (code === 'TIMEOUT') await host.disconnect(peer.id).catch(() => {});
      }
      if (signal.aborted) return;
      if (peer.origin === 'hint' && failedDials >= MAX_HINT_DIALS) {
        this.#forget(peer);
        return;
      }
      onChange();
      const wait = this.#waits.get(peer.id) ?? FIRST_REDIAL_MS;
      this.#waits.set(peer.id, Math.min(2 * wait, LAST_REDIAL_MS));
      await this.#wakeable(peer, signal, (until) => clock.sleep(wait, until)).catch(() => {});
    }
  }

  /** A step that new addresses cut short. */
  async #wakeable<T>(peer: Peer, signal: AbortSignal, step: (until: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const wake = (): void => stop.abort();
    // by hand, because Node keeps what AbortSignal.any makes for as long as the signal that it was made of
    signal.addEventListener('abort', wake, { once: true });
    this.#wakes.set(peer.id, wake);
    try {
      return await step(stop.signal);
    } finally {
      signal.removeEventListener('abort', wake);
      this.#wakes.delete(peer.id);
    }
  }

  async #heard(peer: Peer, status: Status): Promise<void> {
    const { isOurChain, onStatus, onChange } = this.#options;
    if (!isOurChain(status.genesisHash)) throw new PerigeeError('WRONG_CHAIN', 'it is on another chain');
    peer.roles = status.roles;
    peer.storage = storageOfferOf(status);
    peer.prepare();
    peer.error = undefined;
    onChange();
    await onStatus(peer, status);
    onChange();
  }
}
