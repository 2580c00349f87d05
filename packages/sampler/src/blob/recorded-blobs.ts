import { drawIndices } from '@perigee/light-core/da';
import type { RandomBytes } from '@perigee/light-core/roles';
import { FIRST_LOOK_HEIGHTS, FOLLOWED_BLOCKS } from '@perigee/wire';
import { ALL_BLOBS, type BlobLists } from '../lists/index.ts';
import { BlobQueue } from './blob-queue.ts';

/** What the chain recorded in the last FOLLOWED_BLOCKS blocks, by its own proved lists: no peer can hide a blob from who follows them. */
export class RecordedBlobs {
  readonly queue: BlobQueue;
  readonly #lists: BlobLists;
  readonly #random: RandomBytes;
  /** Ids in hexadecimal, by height; of the heights up to #to that are followed, and while a list is read, of the newest. */
  readonly #ids = new Map<number, readonly string[]>();
  #to = 0;
  #hasLists = false;
  /** Height of the latest list, as the head that the glance was taken at proves it. */
  #glanced: { readonly head: number; readonly last: number } | undefined;

  constructor(lists: BlobLists, random: RandomBytes) {
    this.#lists = lists;
    this.#random = random;
    this.queue = new BlobQueue(random);
  }

  /** Whether this chain lists its blobs. */
  get hasLists(): boolean {
    return this.#hasLists;
  }

  /** The latest height that is proved to have blobs, and these; without any, the latest that was read. `undefined` before one was. */
  latest(): { readonly height: number; readonly blobIds: readonly string[] } | undefined {
    const height = this.#ids.size > 0 ? Math.max(...this.#ids.keys()) : this.#to;
    return height === 0 ? undefined : { height, blobIds: this.#ids.get(height) ?? [] };
  }

  /**
   * A few blocks of the last FOLLOWED_BLOCKS, drawn and proved in one request, so that the first sample need not wait until all were read.
   *
   * @param head height of the verified head
   * @throws UNPROVEN, ABORTED
   */
  async glance(head: number, signal: AbortSignal): Promise<void> {
    const count = Math.min(FOLLOWED_BLOCKS, head - 1);
    if (count < 1) return;
    const heights = drawIndices(FIRST_LOOK_HEIGHTS, count, this.#random).map((i) => head - 1 - i);
    const { last, listings } = await this.#lists.glance(ALL_BLOBS, heights, signal);
    this.#glanced = { head, last };
    for (const { height, blobIds, provedAt } of listings) {
      this.#hasLists = true;
      this.queue.add(height, blobIds, provedAt);
    }
  }

  /**
   * Reads the lists that came since the last call.
   *
   * @param head height of the verified head
   * @param isKnown tells of blobs that need not be sampled
   * @throws UNPROVEN, ABORTED
   */
  async read(head: number, isKnown: (blobId: string) => boolean, signal: AbortSignal): Promise<void> {
    const oldest = Math.max(0, head - 1 - FOLLOWED_BLOCKS);
    const above = Math.max(this.#to, oldest);
    if (head - 1 <= above) return;
    const last = this.#glanced?.head === head ? this.#glanced.last : await this.#lists.last(ALL_BLOBS, signal);
    if (last === 0) return;
    this.#hasLists = true;
    for await (const { height, blobIds, provedAt } of this.#lists.walk(ALL_BLOBS, last, above, signal)) {
      this.#ids.set(height, blobIds);
      this.queue.add(
        height,
        blobIds.filter((blobId) => !isKnown(blobId)),
        provedAt,
      );
    }
    this.#to = Math.max(last, head - 1);
    for (const height of this.#ids.keys()) if (height <= oldest) this.#ids.delete(height);
    this.queue.prune(head);
  }
}
