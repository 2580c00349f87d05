import type { Clock } from '@perigee/light-core/roles';
import { WITNESS_ALONE_MS, WITNESS_EVERY_MS } from '@perigee/wire';
import type { Peer } from '../peers/peer.ts';
import type { ChainFollower } from './chain-follower.ts';

export interface WitnessesOptions {
  readonly follower: ChainFollower;
  /** Peers that can be asked for headers. */
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A peer was found to have the head. */
  readonly onChange: () => void;
}

/**
 * Asks peers other than the one that gave the head for their header of that height (PROTOCOL §5): at the start, now and then, oftener while only one
 * peer is known to have it, and at once when one says to have another.
 */
export class Witnesses {
  readonly #options: WitnessesOptions;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #looking = false;
  /** When each peer was last asked. */
  readonly #askedAtMs = new WeakMap<Peer, number>();
  /** Height at which a peer was last asked because of what it said. */
  readonly #doubted = new WeakMap<Peer, number>();

  constructor(options: WitnessesOptions) {
    this.#options = options;
  }

  /** Called whenever a head or a peer is new, and once a second. @param sources peers that are known to have the head */
  look(sources: readonly Peer[]): void {
    const { follower, clock, signal } = this.#options;
    const height = follower.head()?.height;
    if (height === undefined || this.#looking || signal.aborted) return;
    const doubt = this.#doubt();
    const everyMs = sources.length >= 2 ? WITNESS_EVERY_MS : WITNESS_ALONE_MS;
    const isDue = clock.now() - this.#lookedAtMs >= everyMs;
    const next = doubt ?? (isDue ? this.#next(height) : undefined);
    if (next === undefined) return;
    if (doubt === undefined) this.#lookedAtMs = clock.now();
    void this.#ask(next.peer, next.height);
  }

  /** A peer that says to have another header than the verified one. */
  #doubt(): { peer: Peer; height: number } | undefined {
    const { follower, peers } = this.#options;
    for (const peer of peers()) {
      for (const [height, hash] of peer.heads) {
        const ours = follower.hashAt(height);
        if (ours === undefined || ours === hash || height <= (this.#doubted.get(peer) ?? 0)) continue;
        this.#doubted.set(peer, height);
        return { peer, height };
      }
    }
    return undefined;
  }

  /** Who has not been asked for longest, committee members first. */
  #next(height: number): { peer: Peer; height: number } | undefined {
    const { follower, peers } = this.#options;
    const askedAt = (peer: Peer): number => this.#askedAtMs.get(peer) ?? 0;
    const [peer] = peers()
      .filter((each) => each !== follower.source)
      .sort((a, b) => Number(b.members.size > 0) - Number(a.members.size > 0) || askedAt(a) - askedAt(b));
    return peer && { peer, height };
  }

  async #ask(peer: Peer, height: number): Promise<void> {
    const { follower, clock, onChange } = this.#options;
    this.#looking = true;
    this.#askedAtMs.set(peer, clock.now());
    const head = follower.head();
    try {
      const found = await follower.compare(peer, height);
      if (found.kind === 'same' && head?.height === height) peer.heads.note(height, head.headerHash);
    } catch {
      // who lied is banned by now; who has no answer says nothing
    } finally {
      this.#looking = false;
      onChange();
    }
  }
}
