import { drawIndices } from '@perigee/light-core/da';
import type { RandomBytes } from '@perigee/light-core/roles';
import { FOLLOWED_BLOCKS, MAX_QUEUED_BLOBS } from '@perigee/wire';

/**
 * Blobs that the chain's lists name and that nobody has begun to sample. What is recorded while we watch comes first, the newest first. Of what was
 * there before, one is drawn: which blob somebody looks at when a page opens is not for a peer to choose or to guess.
 */
export class BlobQueue {
  readonly #random: RandomBytes;
  /** Height that recorded each, by id in hexadecimal. */
  readonly #blobs = new Map<string, number>();
  #first: number | undefined;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  get size(): number {
    return this.#blobs.size;
  }

  /**
   * @param height of the block that recorded them
   * @param provedAt head that proved it; the first head that is heard of here parts old from new
   */
  add(height: number, blobIds: readonly string[], provedAt: number): void {
    this.#first ??= provedAt;
    for (const blobId of blobIds) this.#blobs.set(blobId, height);
    for (const oldest of this.#byAge()) {
      if (this.#blobs.size <= MAX_QUEUED_BLOBS) break;
      this.#blobs.delete(oldest);
    }
  }

  /** Forgets what is too old to be followed. */
  prune(head: number): void {
    for (const [blobId, height] of this.#blobs) if (height < head - FOLLOWED_BLOCKS) this.#blobs.delete(blobId);
  }

  delete(blobId: string): void {
    this.#blobs.delete(blobId);
  }

  /** The next to sample, which is no longer here then. @param withOld whether one that was there before us may be drawn */
  take(withOld: boolean): string | undefined {
    const ids = this.#byAge();
    const newest = ids.at(-1);
    const isNew = newest !== undefined && (this.#blobs.get(newest) ?? 0) >= (this.#first ?? 0);
    const [drawn = 0] = drawIndices(1, Math.max(1, ids.length), this.#random);
    const chosen = isNew ? newest : withOld ? ids[drawn] : undefined;
    if (chosen !== undefined) this.#blobs.delete(chosen);
    return chosen;
  }

  /** Oldest first. */
  #byAge(): string[] {
    return [...this.#blobs].sort(([, a], [, b]) => a - b).map(([blobId]) => blobId);
  }
}
