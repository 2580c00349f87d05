import { HOLDERS_AGAIN_MS, MAX_HOLDER_FAILURES, MAX_IN_FLIGHT, MAX_TRANSFER_PEERS, type StoredFile } from '@perigee/wire';
import type { FileParts, FilePeer } from '../parts.ts';
import { askHolding, type Holding } from './holder.ts';

/** Answers whose time is looked at. */
const TIMES = 16;

/** A node that has some of a file, and how it does. */
export class Holder {
  readonly peer: FilePeer;
  holding: Holding;
  /** Requests under way. */
  load = 0;
  /** Failed requests in a row. */
  failures = 0;
  /** Not asked before this time, milliseconds since 1970. */
  restsUntil = 0;
  /** Segments of it that were verified. */
  verified = 0;
  /** Where to look on for the next segment that it has. */
  cursor = 0;
  readonly #lacking = new Set<number>();
  readonly #times: number[] = [];

  constructor(peer: FilePeer, holding: Holding) {
    this.peer = peer;
    this.holding = holding;
  }

  /** Whether it says that it has a segment, and did not fail to give it. */
  has(index: number): boolean {
    return this.holding.has(index) && !this.#lacking.has(index);
  }

  lacks(index: number): void {
    this.#lacking.add(index);
  }

  isFree(now: number): boolean {
    return this.peer.usable && this.load < MAX_IN_FLIGHT && now >= this.restsUntil;
  }

  /** Usual time of a request, milliseconds; `undefined` before the first. */
  get usualMs(): number | undefined {
    const sorted = [...this.#times].sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  }

  answered(ms: number): void {
    this.failures = 0;
    this.#times.push(ms);
    if (this.#times.length > TIMES) this.#times.shift();
  }

  failed(now: number): void {
    this.failures++;
    this.restsUntil = now + HOLDERS_AGAIN_MS * Math.min(this.failures, MAX_HOLDER_FAILURES);
  }

  /** What it has now, as it says; what it failed to give may be there now. */
  renewed(holding: Holding): void {
    this.holding = holding;
    this.cursor = 0;
    this.#lacking.clear();
  }
}

/** Finds out which nodes have what of a file, and again of those that had not all, or could not be asked. */
export class Holders {
  readonly #parts: Pick<FileParts, 'storage' | 'clock'>;
  readonly #file: StoredFile;
  readonly #signal: AbortSignal;
  readonly #holders = new Map<string, Holder>();
  readonly #asking = new Set<Promise<void>>();
  /** Who was asked last under each id. */
  readonly #asked = new Map<string, FilePeer>();
  /** When each node may be asked again. */
  readonly #againAt = new Map<string, number>();

  constructor(parts: Pick<FileParts, 'storage' | 'clock'>, file: StoredFile, signal: AbortSignal) {
    this.#parts = parts;
    this.#file = file;
    this.#signal = signal;
  }

  /** Nodes that can be asked for segments, those that fail least first. */
  list(): Holder[] {
    return [...this.#holders.values()].filter(({ peer }) => peer.usable).sort((a, b) => a.failures - b.failures);
  }

  /** Begins to ask whom it is time to ask. @returns what is being asked */
  look(): ReadonlySet<Promise<void>> {
    const { storage, clock } = this.#parts;
    const now = clock.now();
    for (const peer of storage.peers().slice(0, MAX_TRANSFER_PEERS)) {
      // one that was forgotten meanwhile, and met again, is asked anew
      const isKnown = this.#asked.get(peer.id) === peer;
      if ((isKnown && now < (this.#againAt.get(peer.id) ?? 0)) || this.#signal.aborted) continue;
      this.#asked.set(peer.id, peer);
      this.#againAt.set(peer.id, Number.POSITIVE_INFINITY);
      const asked = this.#ask(peer).finally(() => this.#asking.delete(asked));
      this.#asking.add(asked);
    }
    return this.#asking;
  }

  /** A node failed to give what it said it has: it is asked what it has, soon. */
  doubt({ peer }: Holder): void {
    this.#againAt.set(peer.id, this.#parts.clock.now() + HOLDERS_AGAIN_MS);
  }

  async #ask(peer: FilePeer): Promise<void> {
    const { storage, clock } = this.#parts;
    let again = HOLDERS_AGAIN_MS;
    try {
      const holding = await askHolding(peer, this.#file, this.#signal);
      const known = this.#holders.get(peer.id);
      if (known?.peer !== peer) this.#holders.set(peer.id, new Holder(peer, holding));
      else known.renewed(holding);
      if (holding.finalized) again = Number.POSITIVE_INFINITY;
    } catch (thrown) {
      if (!this.#signal.aborted) storage.judge(peer, thrown);
    }
    this.#againAt.set(peer.id, clock.now() + again);
  }
}
