import { MAX_SITE_WATCHERS, MAX_WATCHERS } from '@perigee/wire';
import { CODE } from '../failure.ts';
import type { Connection } from '../messages.ts';

/** A document that wants to know, in the browser's word. */
export interface Watcher {
  readonly origin: string;
  readonly tell: (connection: Connection) => void;
}

interface Watching extends Watcher {
  /** Chain that it was last told of; `undefined` while it counts as disconnected. */
  chainId: string | undefined;
}

export interface ConnectionsParts {
  readonly isAllowed: (origin: string) => boolean;
}

const TAKEN_AWAY: Connection = {
  error: { code: CODE.disconnected, message: 'this site may not ask the light node any more' },
};

/**
 * Tells documents of allowed sites, by EIP-1193's `connect` and `disconnect`, when the node begins and ends to follow its chain. Who may not ask hears nothing, not even
 * that there is a chain.
 */
export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #all = new Set<Watching>();
  #connection: Connection = { error: { code: CODE.disconnected, message: 'the light node has not started yet' } };

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  /** @returns ends it; `undefined` when as many watch as may */
  add(watcher: Watcher): (() => void) | undefined {
    const ofSite = [...this.#all].filter(({ origin }) => origin === watcher.origin).length;
    if (ofSite >= MAX_SITE_WATCHERS || this.#all.size >= MAX_WATCHERS) return undefined;
    const one: Watching = { ...watcher, chainId: undefined };
    this.#all.add(one);
    this.#tell(one);
    return () => this.#all.delete(one);
  }

  show(connection: Connection): void {
    this.#connection = connection;
    this.review();
  }

  /** Who may ask has changed, or what there is to tell. */
  review(): void {
    for (const one of this.#all) this.#tell(one);
  }

  /** Nothing is said twice, and who was never connected is not disconnected. */
  #tell(one: Watching): void {
    const due = this.#parts.isAllowed(one.origin) ? this.#connection : TAKEN_AWAY;
    const chainId = 'chainId' in due ? due.chainId : undefined;
    if (chainId === one.chainId) return;
    one.chainId = chainId;
    one.tell(due);
  }
}
