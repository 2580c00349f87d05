import type { LightNodeState } from '@perigee/sampler';
import type { ErrorObject } from '@perigee/wire';
import { findExtension, type NodeProvider } from '../extension/announced.ts';
import type { Model } from '../model/index.ts';
import { TabLead, type TabLeadParts } from './tab-lead.ts';

/** A visit waits so long for the extension before it runs a node of its own, milliseconds. */
const PATIENCE_MS = 1_500;
/** Who shows the extension's node asks it so often while it is seen, and while it is not, milliseconds. */
const SHOW_EVERY_MS = 500;
const UNSEEN_EVERY_MS = 5_000;
/** Who runs a node of its own meanwhile asks so often, milliseconds. */
const LOOK_EVERY_MS = 5_000;
/** What was asked for by hand brings something else by hand: so long this tab keeps its own node after it, milliseconds. */
const KEEP_MS = 30_000;

type Tabs = Pick<TabLead, 'isLeading' | 'join' | 'leave' | 'take' | 'show'>;

export interface NodeLeadParts {
  readonly model: Pick<Model, 'settings' | 'extension'>;
  readonly find?: () => NodeProvider | undefined;
  readonly tabs?: (parts: TabLeadParts) => Tabs;
  readonly now?: () => number;
}

/**
 * Says where the light node runs that this tab shows: in the extension, where a person wants that and it follows the same chain; else in one of the
 * tabs. Work that needs connections takes the lead among the tabs, and goes back to the extension when it is done.
 */
export class NodeLead {
  readonly #parts: TabLeadParts;
  readonly #tabs: Tabs;
  readonly #model: NodeLeadParts['model'];
  readonly #find: () => NodeProvider | undefined;
  readonly #now: () => number;
  #chain: string | undefined;
  /** Ends what follows the extension. */
  #following: AbortController | undefined;
  #isGuest = false;
  #keepUntilMs = 0;
  /** Called when it is known whether this tab shows the extension's node. */
  #decided: () => void = () => {};

  constructor(
    parts: TabLeadParts,
    { model, find = () => findExtension(globalThis.window), tabs, now = Date.now }: NodeLeadParts,
  ) {
    this.#parts = parts;
    this.#model = model;
    this.#find = find;
    this.#now = now;
    this.#tabs = tabs?.(parts) ?? new TabLead(parts);
    let wanted = this.#isWanted;
    model.settings.subscribe(() => {
      if (wanted === this.#isWanted) return;
      wanted = this.#isWanted;
      if (this.#chain !== undefined) void this.#change(this.#chain);
    });
  }

  /** Shows the extension's node, or leads the tabs, or follows until it can. */
  async join(chain: string): Promise<void> {
    this.leave();
    this.#chain = chain;
    this.#look();
    if (this.#isWanted) await this.#try(chain);
    // another call may have come meanwhile
    if (this.#chain === chain && !this.#isGuest) await this.#tabs.join(chain);
  }

  /** @param rested when the node of this tab rests: then another tab may lead */
  leave(rested?: Promise<unknown>): void {
    this.#chain = undefined;
    this.#endFollowing();
    this.#tabs.leave(rested);
  }

  /** Has this tab run a node. @throws ABORTED */
  async take(signal: AbortSignal): Promise<void> {
    this.#keepUntilMs = this.#now() + KEEP_MS;
    if (this.#isGuest) await this.#backToTabs();
    await this.#tabs.take(signal);
  }

  show(state: LightNodeState): void {
    this.#tabs.show(state);
  }

  get #isWanted(): boolean {
    return this.#model.settings.peek().chosen.lightNode === 'extension';
  }

  async #change(chain: string): Promise<void> {
    if (this.#isWanted) return this.#try(chain);
    this.#endFollowing();
    this.#look();
    await this.#backToTabs();
  }

  /** @returns when it is known whether the extension's node is shown, or that takes too long */
  #try(chain: string): Promise<void> {
    this.#endFollowing();
    const provider = this.#find();
    if (provider === undefined) {
      this.#look({ problem: { code: 'UNREACHABLE', message: 'it is not in this browser' } });
      return Promise.resolve();
    }
    const following = new AbortController();
    this.#following = following;
    this.#look({ isAsked: true });
    void this.#follow(provider, chain, following.signal);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#decided = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #follow(provider: NodeProvider, chain: string, signal: AbortSignal): Promise<void> {
    const away = (why: ErrorObject): void => {
      this.#decided();
      void this.#backToTabs();
      this.#look({ problem: why });
    };
    try {
      const { followExtension } = await import('../extension/extension-node.ts');
      await followExtension({
        provider,
        chain,
        signal,
        onState: (state) => this.#onState(state),
        onAway: away,
        onRefused: away,
        everyMs: () => {
          if (!this.#isGuest) return LOOK_EVERY_MS;
          return globalThis.document?.visibilityState === 'hidden' ? UNSEEN_EVERY_MS : SHOW_EVERY_MS;
        },
      });
    } catch {
      away({ code: 'UNREACHABLE', message: 'a part of the page could not be loaded: its server does not answer' });
    }
  }

  #onState(state: LightNodeState): void {
    if (!this.#isGuest) {
      if (state.phase !== 'live' || this.#parts.isBusy() || this.#now() < this.#keepUntilMs) {
        this.#look();
        this.#decided();
        return;
      }
      this.#isGuest = true;
      this.#tabs.leave(this.#tabs.isLeading ? this.#parts.onLose() : undefined);
      this.#look();
      this.#decided();
    }
    this.#parts.onState(state);
  }

  /** The extension shows nothing any more, or work needs a node here. */
  async #backToTabs(): Promise<void> {
    if (!this.#isGuest) return;
    this.#isGuest = false;
    this.#look();
    if (this.#chain !== undefined) await this.#tabs.join(this.#chain);
  }

  #endFollowing(): void {
    this.#following?.abort();
    this.#following = undefined;
    this.#decided();
    if (this.#chain === undefined) this.#isGuest = false;
  }

  /** What a person is told of the extension. */
  #look({ isAsked = false, problem }: { readonly isAsked?: boolean; readonly problem?: ErrorObject } = {}): void {
    const isOf = this.#isWanted || this.#find() !== undefined;
    this.#model.extension.value = isOf ? { isAsked, isUsed: this.#isGuest, problem } : undefined;
  }
}
