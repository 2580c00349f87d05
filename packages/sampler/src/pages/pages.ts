import type { Clock } from '@perigee/light-core/roles';
import { createStopController, eitherSignal, type Host, rowsProtocol, serve } from '@perigee/net';
import { pageProtocol } from '@perigee/net/pages';
import {
  MAX_RECEIPTS_SENT,
  MAX_SHARED_REQUESTS_PER_PEER,
  type PageAnswer,
  type PageRequest,
  PerigeeError,
  type SampleReceipt,
} from '@perigee/wire';
import { DayStore } from '../budgets/index.ts';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { BlobView, SharingView } from '../state.ts';
import type { LightStore } from '../store/light-store.ts';
import { askPage } from './ask-page.ts';
import { PageRows } from './page-rows.ts';
import { PageSet } from './page-set.ts';
import { Receipts } from './receipts.ts';
import { RowShelf } from './row-shelf.ts';
import { ShareBudget, type Sharing, type SharingOptions, sharingOf } from './share-budget.ts';

export interface PagesOptions {
  readonly host: Host;
  readonly genesisHash: Uint8Array;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly sharing: SharingOptions;
  /** Verified rows that are kept on this device, and what was given of the day. */
  readonly shelf: Pick<LightStore, 'rows' | 'value' | 'keepValue'>;
  /** Connected nodes that say that they introduce pages. */
  readonly relays: () => readonly Peer[];
  readonly onLie: OnLie;
  readonly onChange: () => void;
}

/** What this page and others give each other: verified rows, and receipts for what was sampled. Loaded when the first blob was sampled. */
export class Pages {
  /** Verified rows for others. */
  readonly shelf = new RowShelf();
  readonly #options: PagesOptions;
  readonly #stop = createStopController();
  readonly #signal: AbortSignal;
  readonly #budget: ShareBudget;
  readonly #dayStore: DayStore;
  readonly #rows: PageRows;
  readonly #receipts: Receipts;
  readonly #set: PageSet;
  #sharing: Sharing;
  #unserve: readonly (() => Promise<void>)[] = [];

  private constructor(options: PagesOptions) {
    const { host, genesisHash, clock, shelf: kept, onChange } = options;
    const { shelf } = this;
    this.#options = options;
    this.#sharing = sharingOf(options.sharing);
    this.#signal = eitherSignal(options.signal, this.#stop.signal);
    this.#budget = new ShareBudget(clock, this.#sharing);
    this.#dayStore = new DayStore({ name: 'bytes-given-of-day', counter: this.#budget, shelf: kept, clock });
    const keptRows = (blobId: string) => kept.rows(blobId);
    const isEnabled = () => this.#sharing.enabled;
    this.#rows = new PageRows({ shelf, budget: this.#budget, keptRows, isEnabled, onChange });
    const sign = (message: Uint8Array) => host.sign(message);
    this.#receipts = new Receipts({ genesisHash, key: host.publicKey, sign, clock, onChange });
    const onPage = (page: Peer) => void this.#send(page, this.#receipts.recent(MAX_RECEIPTS_SENT));
    this.#set = new PageSet({ ...options, signal: this.#signal, isEnabled, onPage });
  }

  /** @throws INVALID_ARGUMENT */
  static async start(options: PagesOptions): Promise<Pages> {
    const { host, genesisHash } = options;
    const pages = new Pages(options);
    await pages.#dayStore.read; // what an earlier run gave of the day counts before anything is given
    const limits = { maxConcurrentPerPeer: MAX_SHARED_REQUESTS_PER_PEER };
    pages.#unserve = await Promise.all([
      serve(host, rowsProtocol, (request, context) => pages.#rows.answer(request, context), limits),
      serve(host, pageProtocol(genesisHash), (request, { peerId }) => pages.#answer(peerId, request), limits),
    ]);
    return pages;
  }

  /** Which rows of a blob a page says that it has, one bit for each. @throws what a request throws */
  async held(page: Peer, blobId: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return (await askPage(this.#options, page.id, { have: blobId }, { signal })).held;
  }

  /** Pages that can be asked for rows. */
  usable(): Peer[] {
    return this.#set.usable();
  }

  /** With those that lied. */
  list(): Peer[] {
    return this.#set.list();
  }

  view(): SharingView {
    const { enabled, bytesPerSecond, bytesPerDay } = this.#sharing;
    const { rows, bytes } = this.#set.received;
    return {
      enabled,
      bytesPerSecond,
      bytesPerDay,
      relays: this.#set.relays,
      pages: this.#set.usable().length,
      rowsServed: this.#rows.rows,
      bytesServed: this.#rows.bytes,
      bytesServedToday: this.#budget.today.bytes,
      rowsReceived: rows,
      bytesReceived: bytes,
      receipts: this.#receipts.views(),
    };
  }

  /** @throws INVALID_ARGUMENT */
  set(given: SharingOptions): void {
    const sharing = sharingOf(given);
    this.#sharing = sharing;
    this.#budget.set(sharing);
    if (!sharing.enabled) this.#set.leave();
    this.#options.onChange();
  }

  /** Writes what was given of the day now and then. */
  look(): void {
    this.#dayStore.look();
  }

  ban(page: Peer, reason: string): void {
    this.#set.ban(page, reason);
  }

  /** Tells others what sampling of a blob came to. */
  async sampled(blob: BlobView): Promise<void> {
    const receipt = await this.#receipts.make(blob);
    if (receipt !== undefined && this.#sharing.enabled) this.#spread([receipt]);
  }

  async stop(): Promise<void> {
    this.#dayStore.keep();
    this.#stop.abort(new PerigeeError('ABORTED', 'the light node was stopped'));
    await Promise.all(this.#unserve.map((unserve) => unserve()));
    this.#set.leave();
  }

  async #answer(peerId: string, { have, receipts }: PageRequest): Promise<PageAnswer> {
    if (!this.#sharing.enabled) throw new PerigeeError('REFUSED', 'this page shares nothing');
    if (receipts.length > 0) {
      // whoever greets as we do is no page here yet, and says what it has once
      const { fresh, isTrue } = await this.#receipts.take(peerId, receipts);
      if (!isTrue) {
        const lie = new PerigeeError('SIGNATURE', 'it handed on a sample receipt that nobody has signed');
        const page = this.#set.get(peerId);
        if (page === undefined) await this.#options.host.disconnect(peerId);
        else this.#options.onLie(page, lie);
      }
      if (fresh.length > 0) this.#spread(fresh, peerId);
    }
    return { held: have === undefined ? new Uint8Array(0) : await this.#rows.held(have) };
  }

  #spread(receipts: readonly SampleReceipt[], except?: string): void {
    for (const page of this.#set.usable()) if (page.id !== except) void this.#send(page, receipts);
  }

  /** Never rejects: what does not arrive is not missed. */
  async #send(page: Peer, receipts: readonly SampleReceipt[]): Promise<void> {
    if (receipts.length === 0) return;
    try {
      await askPage(this.#options, page.id, { receipts }, { signal: this.#signal });
    } catch (thrown) {
      if (!this.#signal.aborted) judge(page, thrown, this.#options.onLie);
    }
  }
}
