import { MAX_LISTED_HEIGHTS, PerigeeError } from '@perigee/wire';
import type { BlobListing } from '../requests.ts';
import { type BlobLists, checkNamespace } from './blob-lists.ts';

export interface ListWatchOptions {
  readonly lists: BlobLists;
  /** 1 to 28 bytes, or ALL_BLOBS. */
  readonly namespace: Uint8Array;
  readonly listener: (listing: BlobListing) => void;
  /** Calls back at every new head, until the returned function is called. */
  readonly onHead: (listener: () => void) => () => void;
  readonly signal: AbortSignal;
}

/**
 * Calls back with every listing that comes after this call, ascending and without a gap: what could not be proved at one head, because nobody was
 * connected for example, is caught up at a later one.
 */
export class ListWatch {
  readonly #options: ListWatchOptions;
  readonly #stop = new AbortController();
  readonly #unsubscribe: () => void;
  /** Height of the listing that was told last, or of the one that was there before. */
  #seen: number | undefined;
  #isLooking = false;
  /** A head came while the one before was being looked at. */
  #again = false;

  /** @throws INVALID_ARGUMENT for what is no namespace */
  constructor(options: ListWatchOptions) {
    checkNamespace(options.namespace);
    this.#options = options;
    this.#unsubscribe = options.onHead(() => void this.#look());
    options.signal.addEventListener('abort', this.stop, { once: true });
    void this.#look();
  }

  readonly stop = (): void => {
    this.#unsubscribe();
    this.#options.signal.removeEventListener('abort', this.stop);
    this.#stop.abort();
  };

  async #look(): Promise<void> {
    this.#again = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      while (this.#again && !this.#stop.signal.aborted) {
        this.#again = false;
        await this.#lookOnce();
      }
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookOnce(): Promise<void> {
    const { lists, namespace } = this.#options;
    const last = await proved(lists.last(namespace, this.#stop.signal));
    if (last === undefined) return;
    this.#seen ??= last;
    if (last > this.#seen) await this.#catchUp(last, this.#seen);
  }

  /**
   * Walks down, and tells upwards. After a long absence there may be more than memory should hold: then only the heights where pages
   * begin are remembered, and a page is read again when its turn comes.
   */
  async #catchUp(last: number, seen: number): Promise<void> {
    const { lists, namespace } = this.#options;
    const { signal } = this.#stop;
    const begins: number[] = [];
    let count = 0;
    const lowest = await proved(
      pageOf(lists.walk(namespace, last, seen, signal), (listing) => {
        if (count++ % MAX_LISTED_HEIGHTS === 0) begins.push(listing.height);
        return (count - 1) % MAX_LISTED_HEIGHTS === 0;
      }),
    );
    if (lowest === undefined) return;
    this.#tell(lowest);
    for (const begin of begins.reverse().slice(1)) {
      const page = await proved(pageOf(lists.walk(namespace, begin, this.#seen ?? seen, signal), () => false));
      if (page === undefined) return;
      this.#tell(page);
    }
  }

  /** @param page newest first */
  #tell(page: BlobListing[]): void {
    for (const listing of page.reverse()) {
      if (this.#stop.signal.aborted) return;
      this.#seen = listing.height;
      this.#options.listener(listing);
    }
  }
}

/** What is walked past since `begins` last said that a new page begins. */
async function pageOf(walk: AsyncIterable<BlobListing>, begins: (listing: BlobListing) => boolean): Promise<BlobListing[]> {
  let page: BlobListing[] = [];
  for await (const listing of walk) {
    if (begins(listing)) page = [];
    page.push(listing);
  }
  return page;
}

/** `undefined` when it could not be had at this head; the next one tries again. What the listener throws is not caught here. */
async function proved<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof PerigeeError) return undefined;
    throw error;
  }
}
