import { eitherSignal } from '@perigee/net/abort';
import type { LightNodeState } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { isTabMessage, marked, type TabMessage } from './messages.ts';

/** A leading tab that has not answered for so long is frozen, milliseconds. */
const SILENT_MS = 1_500;
/** One that is busy is asked again after, milliseconds. */
const ASK_AGAIN_MS = 500;
/** Tabs that follow say so this often while they are seen, and are shown something for a while after, milliseconds. */
const HERE_EVERY_MS = 5_000;
const HERE_FOR_MS = 12_000;
/** Followers are shown snapshots no more often than this, milliseconds. */
const SHOW_EVERY_MS = 250;

export interface TabLeadParts {
  /** Something goes on here that would be lost with the lead. */
  readonly isBusy: () => boolean;
  /** This tab leads from now on. */
  readonly onLead: () => void;
  /** The lead goes to another tab: rest, then it has it. */
  readonly onLose: () => Promise<void>;
  /** What the leading tab shows. */
  readonly onState: (state: LightNodeState) => void;
}

/**
 * One of the tabs that show the same chain runs the light node for all of them; a Web Lock says which. The others follow it, and take the
 * lead when something is asked for in them, when they are looked at and it is not, and when it is closed or frozen.
 */
export class TabLead {
  readonly #parts: TabLeadParts;
  #name = '';
  #channel: BroadcastChannel | undefined;
  /** Ends what `join` began. */
  #membership = new AbortController();
  /** The membership whose request for the lock waits. */
  #queued: AbortSignal | undefined;
  /** Gives the lock back. */
  #release: (() => void) | undefined;
  /** Done when no lock of an earlier membership is held here any more. */
  #released: Promise<void> = Promise.resolve();
  #followersUntilMs = 0;
  #shown: LightNodeState | undefined;
  #showing: ReturnType<typeof setTimeout> | undefined;
  /** By what was asked. */
  readonly #answers = new Map<string, (kind: 'yours' | 'busy' | 'kept') => void>();

  constructor(parts: TabLeadParts) {
    this.#parts = parts;
  }

  get isLeading(): boolean {
    return this.#release !== undefined;
  }

  /**
   * Leads, or follows until it can.
   *
   * @param chain what the tabs have in common
   * @returns whether it leads at once
   */
  async join(chain: string): Promise<boolean> {
    this.leave();
    this.#membership = new AbortController();
    if (navigator.locks === undefined) return this.#lead(() => {}); // no secure context: each tab for itself
    const { signal } = this.#membership;
    await this.#released;
    if (signal.aborted) return false;
    this.#name = `perigee/node/${chain}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    const leads = await this.#request({ ifAvailable: true }, signal);
    if (signal.aborted) return leads;
    if (!leads) this.#queue(signal);
    this.#follow(signal);
    return leads;
  }

  /** While this tab does not lead, it says that it is there, and asks for the lead when it is looked at. */
  #follow(signal: AbortSignal): void {
    const isFollowing = (): boolean => document.visibilityState === 'visible' && !this.isLeading;
    const here = (): void => {
      if (isFollowing()) this.#say({ kind: 'here' });
    };
    here();
    const timer = setInterval(here, HERE_EVERY_MS);
    const onSeen = (): void => {
      here();
      if (isFollowing()) this.#ask('whenUnseen', signal).catch(() => {}); // it left
    };
    document.addEventListener('visibilitychange', onSeen);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onSeen);
    });
  }

  /**
   * Leads and follows no more. Another tab has the lead only when the node of this one rests: else both had connections for a moment.
   *
   * @param rested what is waited for, but not for long: a node that does not come to rest must not keep the others waiting
   */
  leave(rested?: Promise<unknown>): void {
    this.#membership.abort();
    const release = this.#drop();
    this.#channel?.close();
    this.#channel = undefined;
    if (release === undefined) return;
    if (rested === undefined) release();
    else this.#released = atLast(rested, SILENT_MS).then(release);
  }

  /** Takes the lead; waits while the leading tab is busy. @throws ABORTED */
  async take(signal: AbortSignal): Promise<void> {
    if (!this.isLeading) await this.#ask('now', eitherSignal(signal, this.#membership.signal));
  }

  /** Shows other tabs what this one shows. */
  show(state: LightNodeState): void {
    this.#shown = state;
    if (Date.now() > this.#followersUntilMs) return;
    this.#showing ??= setTimeout(() => {
      this.#showing = undefined;
      if (this.isLeading && this.#shown !== undefined) this.#say({ kind: 'state', state: this.#shown });
    }, SHOW_EVERY_MS);
  }

  #hear(data: unknown): void {
    if (!isTabMessage(data)) return; // of another build: it neither shows nor asks for anything that this one understands
    if (data.kind === 'state') {
      if (!this.isLeading) this.#parts.onState(data.state);
    } else if (data.kind === 'here' || data.kind === 'ask') {
      if (!this.isLeading) return;
      this.#followersUntilMs = Date.now() + HERE_FOR_MS;
      if (data.kind === 'here') {
        if (this.#shown !== undefined) this.#say({ kind: 'state', state: this.#shown });
      } else this.#answer(data);
    } else this.#answers.get(data.to)?.(data.kind);
  }

  #answer({ from, when }: TabMessage & { readonly kind: 'ask' }): void {
    const isBusy = this.#parts.isBusy();
    if (when === 'whenUnseen' && (document.visibilityState === 'visible' || isBusy)) this.#say({ kind: 'kept', to: from });
    else if (isBusy) this.#say({ kind: 'busy', to: from });
    else void this.#hand(from);
  }

  async #hand(to: string): Promise<void> {
    const held = this.#release;
    await this.#parts.onLose();
    this.#say({ kind: 'yours', to });
    setTimeout(() => {
      if (held !== undefined && this.#release === held) this.#parts.onLead(); // who asked has gone
    }, SILENT_MS);
  }

  /** Asks the leading tab for the lead, again and again while it is busy. One that is silent has lost it. */
  #ask(when: 'now' | 'whenUnseen', signal: AbortSignal): Promise<void> {
    const from = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#answers.delete(from);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      const onAbort = (): void => end(() => reject(PerigeeError.from(signal.reason)));
      const take = (): void =>
        end(() => void this.#request({ steal: true }, this.#membership.signal).then(() => resolve(), reject));
      const ask = (): void => {
        timer = setTimeout(take, SILENT_MS);
        this.#say({ kind: 'ask', from, when });
      };
      this.#answers.set(from, (kind) => {
        clearTimeout(timer);
        if (kind === 'yours') take();
        else if (kind === 'kept') end(resolve);
        else timer = setTimeout(ask, ASK_AGAIN_MS);
      });
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);
      ask();
    });
  }

  /** Waits for its turn, once. */
  #queue(membership: AbortSignal): void {
    if (this.#queued === membership) return;
    this.#queued = membership;
    const end = (): void => {
      if (this.#queued === membership) this.#queued = undefined;
    };
    this.#request({ signal: membership }, membership).then(end, end);
  }

  /** @returns whether this tab leads now */
  #request(options: LockOptions, membership: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(this.#name, options, (lock) => {
          if (lock === null || membership.aborted || this.isLeading) return resolve(false);
          const released = new Promise<void>((release) => {
            this.#lead(release);
          });
          resolve(true);
          return released;
        })
        .catch((error) => {
          reject(error);
          if (!membership.aborted && this.isLeading) this.#stolen(membership);
        });
    });
  }

  #lead(release: () => void): true {
    this.#release = release;
    this.#parts.onLead();
    return true;
  }

  /** Another tab took the lead: it was given, or this one was frozen. */
  #stolen(membership: AbortSignal): void {
    this.#drop()?.();
    void this.#parts.onLose();
    this.#queue(membership);
    this.#say({ kind: 'here' });
  }

  /** This tab leads no more. @returns what gives the lock back */
  #drop(): (() => void) | undefined {
    const release = this.#release;
    this.#release = undefined;
    clearTimeout(this.#showing);
    this.#showing = undefined;
    return release;
  }

  #say(message: TabMessage): void {
    this.#channel?.postMessage(marked(message));
  }
}

/** Resolves when the work is done, however it ends, or has taken too long. */
function atLast(work: Promise<unknown>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    work.then(done, done);
  });
}
