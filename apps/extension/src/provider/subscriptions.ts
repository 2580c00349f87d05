import type { LightNodeState } from '@perigee/sampler';
import { MAX_SITE_SUBSCRIPTIONS, MAX_SUBSCRIPTIONS, SUBSCRIPTION_EVERY_MS, toHex } from '@perigee/wire';
import { alertsOf } from '../alerts.ts';
import { CODE, ProviderFailure } from '../failure.ts';
import type { Delivery } from '../messages.ts';
import { headState } from './head-state.ts';
import type { SubscriptionKind } from './methods.ts';

const ID_BYTES = 16;

/** A document in a tab, in the browser's word. */
export interface Place {
  readonly origin: string;
  readonly tabId: number;
  readonly documentId: string;
}

interface Subscription extends Place {
  readonly kind: SubscriptionKind;
  /** What it was told last, as JSON. */
  told: string;
  busy: boolean;
}

export interface SubscriptionsParts {
  /** @returns whether the document is still there @throws what keeps anybody from knowing, as the end of the service worker that carries it */
  readonly deliver: (delivery: Delivery) => Promise<boolean>;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: () => number;
}

/** What documents are told of without asking again. Each ends with its document. */
export class Subscriptions {
  readonly #parts: SubscriptionsParts;
  readonly #all = new Map<string, Subscription>();
  #state: LightNodeState | undefined;
  /** How often a site was told to go: who waits to subscribe may be one of them. */
  #ended = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts;
  }

  /** @returns its id @throws -32005; 4100 when a person took a permission away meanwhile */
  async add({ origin, tabId, documentId }: Place, kind: SubscriptionKind): Promise<string> {
    const ended = this.#ended;
    if (this.#isFull(origin)) await this.#sweep(this.#all.size >= MAX_SUBSCRIPTIONS ? undefined : origin);
    if (ended !== this.#ended) throw new ProviderFailure(CODE.unauthorized, 'who may subscribe has changed; ask again');
    if (this.#isFull(origin)) {
      throw new ProviderFailure(
        CODE.limitExceeded,
        `a site has at most ${MAX_SITE_SUBSCRIPTIONS} subscriptions; end one with perigee_unsubscribe`,
      );
    }
    const id = toHex(this.#parts.random(ID_BYTES));
    const told = this.#state === undefined ? '' : JSON.stringify(this.#newsOf(kind, this.#state));
    this.#all.set(id, { origin, tabId, documentId, kind, told, busy: false });
    return id;
  }

  /** @returns whether the site had it */
  remove({ origin }: Place, id: string): boolean {
    return this.#all.get(id)?.origin === origin && this.#all.delete(id);
  }

  /** A site may not ask any more. */
  endAll(origin: string): void {
    this.#ended++;
    for (const [id, one] of this.#all) if (one.origin === origin) this.#all.delete(id);
  }

  show(state: LightNodeState): void {
    this.#state = state;
    this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#all.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const [id, one] of this.#all) void this.#tell(id, one);
    }, SUBSCRIPTION_EVERY_MS);
  }

  async #tell(id: string, one: Subscription): Promise<void> {
    if (this.#state === undefined || one.busy) return;
    const result = this.#newsOf(one.kind, this.#state);
    const told = JSON.stringify(result);
    if (result === undefined || told === one.told) return;
    one.busy = true;
    const { tabId, documentId } = one;
    const event = { type: 'eth_subscription', data: { subscription: `0x${id}`, result } } as const;
    const isThere = await this.#isThere({ tabId, documentId, event });
    one.busy = false;
    if (isThere === true) one.told = told;
    if (isThere === false) this.#all.delete(id);
    else this.#tellSoon(); // what changed meanwhile was passed over, and what was lost on the way is told again
  }

  #isFull(origin: string): boolean {
    const ofSite = [...this.#all.values()].filter((one) => one.origin === origin).length;
    return ofSite >= MAX_SITE_SUBSCRIPTIONS || this.#all.size >= MAX_SUBSCRIPTIONS;
  }

  /** Ends those whose documents are gone: who has no news finds out by asking. @param origin of whose, without it of all */
  async #sweep(origin: string | undefined): Promise<void> {
    const asked = [...this.#all].filter(([, one]) => origin === undefined || one.origin === origin);
    await Promise.all(
      asked.map(async ([id, { tabId, documentId }]) => {
        if ((await this.#isThere({ tabId, documentId })) === false) this.#all.delete(id);
      }),
    );
  }

  /** `undefined` where nobody can say: a subscription ends only with its document. */
  async #isThere(delivery: Delivery): Promise<boolean | undefined> {
    try {
      return await this.#parts.deliver(delivery);
    } catch {
      return undefined;
    }
  }

  #newsOf(kind: SubscriptionKind, state: LightNodeState): unknown {
    if (kind === 'heads') {
      const head = headState(state, this.#parts.now());
      return head && { chainId: head.chainId, height: head.height, headerHash: head.headerHash, timeMs: head.timeMs };
    }
    const ended = state.blobs.flatMap(({ blobId, outcome, earlier, verified, rows }) =>
      outcome === undefined || earlier ? [] : [{ blobId, state: outcome, verified, drawn: rows.length }],
    );
    if (kind === 'blobs') return ended.length === 0 ? undefined : { blobs: ended };
    const alerts = alertsOf(state);
    return alerts.length === 0 ? undefined : { alerts };
  }
}
