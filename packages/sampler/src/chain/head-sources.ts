import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import { CURRENT_WITHIN_MS, toHex } from '@perigee/wire';
import type { Peer } from '../peers/peer.ts';
import type { Freshness } from '../state.ts';

/** Heights for which is remembered who showed which header. */
const KEPT_HEIGHTS = 16;

/** Who has shown which header: a head that only one peer has may be a head that only we were shown (PROTOCOL §5). */
export class HeadSources {
  readonly #shown = new Map<number, Map<string, Set<Peer>>>();

  note(peer: Peer, height: number, headerHash: Uint8Array): void {
    const hashes = this.#shown.get(height) ?? new Map<string, Set<Peer>>();
    this.#shown.set(height, hashes);
    const hash = toHex(headerHash);
    hashes.set(hash, (hashes.get(hash) ?? new Set()).add(peer));
    const oldest = Math.min(...this.#shown.keys());
    if (this.#shown.size > KEPT_HEIGHTS) this.#shown.delete(oldest);
  }

  of(head: VerifiedHead): Peer[] {
    return [...(this.#shown.get(head.height)?.get(toHex(head.headerHash)) ?? [])];
  }

  freshness(head: VerifiedHead, clock: Clock): Freshness {
    if (clock.now() - head.timeMs > CURRENT_WITHIN_MS) return 'stale';
    const members = new Set(this.of(head).flatMap((peer) => peer.member ?? []));
    return members.size >= 2 ? 'current' : 'one source';
  }
}
