import type { Clock } from '@perigee/light-core/roles';
import type { Host, HostEvent } from '@perigee/net';
import { drawSome, Introductions } from '@perigee/net/pages';
import {
  MAX_BANNED_PEERS,
  MAX_PAGE_RELAYS,
  MAX_PAGES,
  MAX_PAGES_REFUSED,
  PAGE_RETRY_MS,
  PAGES_INTERVAL_MS,
  PerigeeError,
} from '@perigee/wire';
import { judge, type OnLie } from '../peers/lies.ts';
import { Peer } from '../peers/peer.ts';
import { askPage } from './ask-page.ts';

export interface PageSetOptions {
  readonly host: Host;
  readonly genesisHash: Uint8Array;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Connected nodes that say that they introduce pages. */
  readonly relays: () => readonly Peer[];
  readonly isEnabled: () => boolean;
  readonly onLie: OnLie;
  /** A page of this chain is connected. */
  readonly onPage: (page: Peer) => void;
  readonly onChange: () => void;
}

/**
 * Other pages of this chain: introduced by relays, connected to directly, at most MAX_PAGES. What a relay says is a list of names: whoever is behind one
 * has to speak the protocol of this chain, and every row of it is verified.
 */
export class PageSet {
  readonly #options: PageSetOptions;
  readonly #pages = new Map<string, Peer>();
  /** Those that are being met or greeted. */
  readonly #meeting = new Set<string>();
  /** When one that was no page, or could not be reached, may be tried again, milliseconds since 1970; the oldest first. */
  readonly #refused = new Map<string, number>();
  /** Pages that lied, the latest last. */
  readonly #banned = new Map<string, Peer>();
  /** When a relay that gave no place may be asked again, milliseconds since 1970. */
  readonly #noPlace = new Map<string, number>();
  #introductions: Introductions | undefined;
  /** Of pages that are gone. */
  #pastRows = 0;
  #pastBytes = 0;

  constructor(options: PageSetOptions) {
    this.#options = options;
    const unsubscribe = options.host.subscribe((event) => this.#onEvent(event));
    options.signal.addEventListener('abort', unsubscribe, { once: true });
    void this.#look();
  }

  /** Those that can be asked. */
  usable(): Peer[] {
    return [...this.#pages.values()].filter((page) => page.usable);
  }

  /** Those that are connected, and those that lied. */
  list(): Peer[] {
    return [...this.#pages.values(), ...this.#banned.values()];
  }

  /** Relays at which others can find this page. */
  get relays(): number {
    return this.#options.relays().filter(({ id }) => this.#introductions?.isReserved(id)).length;
  }

  /** Verified rows that pages gave. */
  get received(): { readonly rows: number; readonly bytes: number } {
    let rows = this.#pastRows;
    let bytes = this.#pastBytes;
    for (const page of this.#pages.values()) {
      rows += page.rowsVerified;
      bytes += page.rowBytes;
    }
    return { rows, bytes };
  }

  get(id: string): Peer | undefined {
    return this.#pages.get(id);
  }

  /** A page that was proved to lie is not asked again, nor connected to. */
  ban(page: Peer, reason: string): void {
    if (page.banned !== undefined) return;
    page.banned = reason;
    this.#drop(page.id);
    this.#banned.set(page.id, page);
    const [oldest] = this.#banned.keys();
    if (this.#banned.size > Math.min(MAX_BANNED_PEERS, MAX_PAGES_REFUSED) && oldest !== undefined) this.#banned.delete(oldest);
    this.#options.host.disconnect(page.id).catch(() => {});
    this.#options.onChange();
  }

  /** Lets go of all pages. */
  leave(): void {
    for (const id of [...this.#pages.keys()]) {
      this.#drop(id);
      this.#options.host.disconnect(id).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { clock, signal, isEnabled } = this.#options;
    while (!signal.aborted) {
      if (isEnabled()) {
        await Promise.all(this.#chosen().map((relay) => this.#lookAt(relay).catch(() => {}))); // one that fails is asked again
      }
      await clock.sleep(PAGES_INTERVAL_MS, signal).catch(() => {});
    }
  }

  /** Relays to be introduced by: those that gave a place, then others; not those that gave none just now, which would stand in the way of the next. */
  #chosen(): Peer[] {
    const now = this.#options.clock.now();
    for (const [id, until] of this.#noPlace) if (until <= now) this.#noPlace.delete(id);
    const isReserved = ({ id }: Peer): number => Number(this.#introductions?.isReserved(id) ?? false);
    const open = this.#options.relays().filter(({ id }) => !this.#noPlace.has(id));
    return open.sort((a, b) => isReserved(b) - isReserved(a)).slice(0, MAX_PAGE_RELAYS);
  }

  async #lookAt(relay: Peer): Promise<void> {
    const { host, genesisHash, clock, signal, onLie, onChange } = this.#options;
    this.#introductions ??= await Introductions.of(host, genesisHash);
    const meet = this.#introductions;
    if (!meet.isReserved(relay.id)) {
      try {
        await meet.reserve(relay.id);
      } catch (error) {
        this.#noPlace.set(relay.id, clock.now() + PAGE_RETRY_MS);
        throw error;
      }
      onChange();
    }
    let ids: readonly string[];
    try {
      ids = await meet.others(relay.id, signal);
    } catch (thrown) {
      throw signal.aborted ? thrown : judge(relay, thrown, onLie);
    }
    const strangers = [...new Set(ids)].filter((id) => this.#isStranger(id));
    await Promise.all(drawSome(strangers, MAX_PAGES).map((id) => this.#meet(meet, relay, id)));
  }

  #isStranger(id: string): boolean {
    const { host, clock } = this.#options;
    return (
      id !== host.peerId &&
      !host.isConnected(id) && // nodes are nodes, whatever a relay calls them
      !this.#pages.has(id) &&
      !this.#banned.has(id) &&
      !this.#meeting.has(id) &&
      (this.#refused.get(id) ?? 0) <= clock.now()
    );
  }

  get #isFull(): boolean {
    return this.#pages.size + this.#meeting.size >= MAX_PAGES;
  }

  async #meet(meet: Introductions, relay: Peer, id: string): Promise<void> {
    const { signal } = this.#options;
    if (this.#isFull || this.#meeting.has(id)) return;
    this.#meeting.add(id);
    try {
      await meet.meet(relay.id, id, signal);
    } catch {
      // it has left, or no way leads to it; where both dialled, its own way may have led here
      if (!this.#options.host.isConnected(id)) {
        this.#refuse(id);
        return;
      }
    } finally {
      this.#meeting.delete(id);
    }
    await this.#greet(id);
  }

  /** A connection is no page yet: it has to speak the protocol of this chain. */
  async #greet(id: string): Promise<void> {
    const { host, signal, isEnabled, onPage, onChange } = this.#options;
    if (this.#meeting.has(id) || this.#pages.has(id)) return;
    if (!isEnabled() || this.#isFull || this.#banned.has(id)) {
      await host.disconnect(id).catch(() => {});
      return;
    }
    this.#meeting.add(id);
    const page = new Peer(host, { peerId: id, multiaddrs: [] }, 'hint', true);
    try {
      await askPage(this.#options, id, {}, { signal });
      if (!isEnabled() || !page.usable) throw new PerigeeError('UNREACHABLE', 'it has left again');
    } catch {
      this.#refuse(id);
      await host.disconnect(id).catch(() => {});
      return;
    } finally {
      this.#meeting.delete(id);
    }
    this.#pages.set(id, page);
    onPage(page);
    onChange();
  }

  #refuse(id: string): void {
    this.#refused.delete(id);
    this.#refused.set(id, this.#options.clock.now() + PAGE_RETRY_MS);
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MAX_PAGES_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }

  #drop(id: string): void {
    const page = this.#pages.get(id);
    if (page === undefined) return;
    this.#pages.delete(id);
    this.#pastRows += page.rowsVerified;
    this.#pastBytes += page.rowBytes;
  }

  #onEvent(event: HostEvent): void {
    if (event.type === 'protocolError') return;
    const { peerId, transport, direction } = event.connection;
    if (event.type === 'connect') {
      // one that this page met itself is greeted then
      if (transport === 'webrtc' && direction === 'inbound') void this.#greet(peerId);
    } else if (this.#pages.has(peerId) && !this.#options.host.isConnected(peerId)) {
      // whatever the last connection was: a page that is also a node has others
      this.#drop(peerId);
      this.#options.onChange();
    }
  }
}
