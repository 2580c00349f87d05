import { MAX_KV_SUBSCRIPTIONS_PER_PEER } from '@perigee/wire';
import type { Peer } from '../peers/peer.ts';

export interface Place {
  readonly peer: Peer;
  /** Among the subscriptions to this peer, from 0. */
  readonly number: number;
  release(): void;
}

/** Which subscriptions run at which peer: each serves a few at once. */
export class SubscriptionPlaces {
  readonly #taken = new Map<string, Set<number>>();

  /** @param peers best first @returns `undefined` when none of them has room */
  take(peers: readonly Peer[]): Place | undefined {
    for (const peer of peers) {
      const taken = this.#taken.get(peer.id) ?? new Set();
      const number = Array.from({ length: MAX_KV_SUBSCRIPTIONS_PER_PEER }, (_, i) => i).find((i) => !taken.has(i));
      if (number === undefined) continue;
      this.#taken.set(peer.id, taken.add(number));
      const release = (): void => {
        taken.delete(number);
        if (taken.size === 0) this.#taken.delete(peer.id);
      };
      return { peer, number, release };
    }
    return undefined;
  }
}
