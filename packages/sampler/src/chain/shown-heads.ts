import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import { CURRENT_WITHIN_MS, MAX_SHOWN_HEADS, toHex } from '@perigee/wire';
import type { Peer } from '../peers/peer.ts';
import type { Freshness } from '../state.ts';

/** The headers that one peer said to have, the latest said ones. Each peer's are kept apart: no peer can crowd out what others showed. */
export class ShownHeads {
  /** Hash in hexadecimal, by height. */
  readonly #shown = new Map<number, string>();

  note(height: number, headerHash: Uint8Array): void {
    this.#shown.delete(height);
    this.#shown.set(height, toHex(headerHash));
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > MAX_SHOWN_HEADS && oldest !== undefined) this.#shown.delete(oldest);
  }

  /** Heights, each with the hash in hexadecimal. */
  [Symbol.iterator](): IterableIterator<[number, string]> {
    return this.#shown.entries();
  }

  has({ height, headerHash }: VerifiedHead): boolean {
    return this.#shown.get(height) === toHex(headerHash);
  }
}

/** Who has shown a head: one that only one peer has may be one that only we were shown (PROTOCOL §5). */
export function sourcesOf(head: VerifiedHead, peers: readonly Peer[]): Peer[] {
  return peers.filter((peer) => peer.banned === undefined && peer.heads.has(head));
}

/**
 * Whether a head is current, by what peers have shown at its height or above: a later header that was verified vouches for those before it, and of a
 * chain with fast blocks two peers seldom tell of the very same one.
 *
 * @param hashAt of the latest heads that were verified, hexadecimal
 */
export function isVouchedFor(
  head: VerifiedHead,
  peers: readonly Peer[],
  hashAt: (height: number) => string | undefined,
  clock: Clock,
): boolean {
  const shows = (peer: Peer): boolean =>
    peer.heads.has(head) || [...peer.heads].some(([height, hash]) => height > head.height && hashAt(height) === hash);
  const sources = peers.filter((peer) => peer.banned === undefined && shows(peer));
  return freshnessOf(head, sources, clock) === 'current';
}

/** A committee key belongs to one peer at a time, so peers that have one are peers with different keys. */
export function freshnessOf(head: VerifiedHead, sources: readonly Peer[], clock: Clock): Freshness {
  if (clock.now() - head.timeMs > CURRENT_WITHIN_MS) return 'stale';
  return sources.filter((peer) => peer.members.size > 0).length >= 2 ? 'current' : 'one source';
}
