import { blobListKey, lastBlobListKey, STORE } from '@perigee/light-core/state';
import {
  BlobList,
  LastBlobList,
  LIST_LOOKAHEAD,
  MAX_LISTED_BLOBS,
  MAX_LISTED_HEIGHTS,
  MAX_NAMESPACE_BYTES,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import type { BlobListing } from '../requests.ts';

/** State whose answers are proved under a verified head, of height `height`; `ChainFollower` is one. */
export interface ProvedState {
  prove(
    store: string,
    keys: readonly Uint8Array[],
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly height: number; readonly values: readonly (Uint8Array | undefined)[] }>;
}

export interface ListRange {
  /** Only blocks at or below; the latest by default. */
  readonly below?: number;
  /** Only blocks above; 0 by default. */
  readonly above?: number;
  /** Listings at most; MAX_LISTED_HEIGHTS by default. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** The namespace of the list that holds the blobs of all namespaces. */
export const ALL_BLOBS = new Uint8Array();

/**
 * Which blobs the chain recorded, block by block. A list is one value of state, so its proof is the proof that it is complete; each names the one
 * before, so whoever follows them down has missed no block.
 */
export class BlobLists {
  readonly #state: ProvedState;

  constructor(state: ProvedState) {
    this.#state = state;
  }

  /**
   * Newest block first, complete from `below` down to the last that is returned: fewer than `limit` when the chain has no more above `above`, or
   * when more than MAX_LISTED_BLOBS ids would come together. `previous` of the last is the `below` of a next page.
   *
   * @param namespace 1 to 28 bytes, or ALL_BLOBS
   * @throws UNPROVEN, ABORTED; INVALID_ARGUMENT; PROOF when the state itself breaks the rules of lists
   */
  async list(namespace: Uint8Array, range: ListRange = {}): Promise<BlobListing[]> {
    const { below, above = 0, limit = MAX_LISTED_HEIGHTS, signal } = range;
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LISTED_HEIGHTS) {
      throw new PerigeeError('INVALID_ARGUMENT', `a limit of ${limit} listings; it must be 1 to ${MAX_LISTED_HEIGHTS}`);
    }
    const from = await this.#start(namespace, below, signal);
    const found: BlobListing[] = [];
    let ids = 0;
    for await (const listing of this.walk(namespace, from, above, signal)) {
      if (below !== undefined && listing.height > below) continue;
      ids += listing.blobIds.length;
      if (found.length > 0 && ids > MAX_LISTED_BLOBS) break;
      found.push(listing);
      if (found.length === limit) break;
    }
    return found;
  }

  /**
   * What one block recorded; without ids when the absence of a list was proved.
   *
   * @param height at least one below the head: its state is that of the block before
   * @throws as `list`
   */
  async at(namespace: Uint8Array, height: number, signal?: AbortSignal): Promise<Omit<BlobListing, 'previous'>> {
    const { provedAt, listings } = await this.#read(namespace, [height], signal);
    if (height >= provedAt) throw new PerigeeError('UNPROVEN', `head ${provedAt} proves nothing of block ${height} yet`);
    return listings[0] ?? { height, blobIds: [], provedAt };
  }

  /** What those of some blocks recorded that have a list, and what `last` says, all proved under one head. @throws as `list` */
  async glance(
    namespace: Uint8Array,
    heights: readonly number[],
    signal?: AbortSignal,
  ): Promise<{ readonly last: number; readonly listings: readonly BlobListing[] }> {
    const keys = heights.map((height) => blobListKey(namespace, height));
    const { provedAt, values } = await this.#prove([lastBlobListKey(checkNamespace(namespace)), ...keys], signal);
    const [last, ...lists] = values;
    return {
      last: lastOf(namespace, last, provedAt),
      listings: listingsOf(namespace, heights, lists, provedAt).filter((listing) => listing !== undefined),
    };
  }

  /** Height of the latest list; 0 when its absence was proved. @throws as `list` */
  async last(namespace: Uint8Array, signal?: AbortSignal): Promise<number> {
    const { provedAt, values } = await this.#prove([lastBlobListKey(checkNamespace(namespace))], signal);
    return lastOf(namespace, values[0], provedAt);
  }

  /**
   * The listings in (`above`, `from`], newest first, read as they are taken.
   *
   * @param from height of a list, or 0: what `last`, or `previous` of a listing, says
   * @throws as `list`
   */
  async *walk(
    namespace: Uint8Array,
    from: number,
    above: number,
    signal?: AbortSignal,
  ): AsyncGenerator<BlobListing, void, undefined> {
    let next = from;
    let isDense = false;
    while (next > above) {
      // lists that lie close together are read in one request; where they do not, absence would be proved in vain
      const count = isDense ? Math.min(LIST_LOOKAHEAD, next - above) : 1;
      const heights = Array.from({ length: count }, (_, i) => next - i);
      const { listings } = await this.#read(namespace, heights, signal);
      const before = next;
      for (const [i, listing] of listings.entries()) {
        if ((heights[i] === next) !== (listing !== undefined)) {
          const is = listing === undefined ? 'has none' : `has one, which the list above does not name`;
          throw broken(namespace, `should be at height ${next}; height ${heights[i]} ${is}`);
        }
        if (listing === undefined) continue;
        yield listing;
        next = listing.previous;
      }
      isDense = before - next <= LIST_LOOKAHEAD;
    }
  }

  /** Where to begin the walk: at `below` itself if it has a list, as it has when it comes of a page before. */
  async #start(namespace: Uint8Array, below: number | undefined, signal: AbortSignal | undefined): Promise<number> {
    if (below === undefined) return this.last(namespace, signal);
    if (!Number.isSafeInteger(below) || below < 0) throw new PerigeeError('INVALID_ARGUMENT', `${below} is not a height`);
    if (below === 0) return 0;
    const { listings } = await this.#read(namespace, [below], signal);
    return listings[0] === undefined ? this.last(namespace, signal) : below;
  }

  /** Lists of some heights, all proved under one head. */
  async #read(namespace: Uint8Array, heights: readonly number[], signal: AbortSignal | undefined) {
    checkNamespace(namespace);
    const { provedAt, values } = await this.#prove(
      heights.map((height) => blobListKey(namespace, height)),
      signal,
    );
    return { provedAt, listings: listingsOf(namespace, heights, values, provedAt) };
  }

  async #prove(keys: readonly Uint8Array[], signal: AbortSignal | undefined) {
    const { height, values } = await this.#state.prove(STORE.da, keys, signal === undefined ? {} : { signal });
    return { provedAt: height, values };
  }
}

function lastOf(namespace: Uint8Array, value: Uint8Array | undefined, provedAt: number): number {
  if (value === undefined) return 0;
  const { height } = LastBlobList.decodeCanonical(value);
  if (height < 1 || height >= provedAt) throw broken(namespace, `is at height ${height}, in the state before ${provedAt}`);
  return height;
}

/** `undefined` for blocks that recorded nothing. */
function listingsOf(
  namespace: Uint8Array,
  heights: readonly number[],
  values: readonly (Uint8Array | undefined)[],
  provedAt: number,
): (BlobListing | undefined)[] {
  return values.map((value, i) => (value === undefined ? undefined : listingOf(namespace, heights[i] ?? 0, value, provedAt)));
}

function listingOf(namespace: Uint8Array, height: number, value: Uint8Array, provedAt: number): BlobListing {
  const { previous, blobIds } = BlobList.decodeCanonical(value);
  const ids = blobIds.map(toHex);
  if (ids.length === 0) throw broken(namespace, `of height ${height} is empty`);
  if (new Set(ids).size !== ids.length) throw broken(namespace, `of height ${height} names a blob twice`);
  if (previous >= height) throw broken(namespace, `of height ${height} says that height ${previous} is before it`);
  return { height, previous, blobIds: ids, provedAt };
}

/** @throws INVALID_ARGUMENT */
export function checkNamespace(namespace: Uint8Array): Uint8Array {
  if (namespace.length <= MAX_NAMESPACE_BYTES) return namespace;
  throw new PerigeeError(
    'INVALID_ARGUMENT',
    `a namespace of ${namespace.length} bytes; it has 1 to ${MAX_NAMESPACE_BYTES}, or none for all blobs`,
  );
}

/** What validators have signed, and no rule allows: no peer is to blame, and no other peer has it better. */
function broken(namespace: Uint8Array, what: string): PerigeeError {
  const name = namespace.length === 0 ? 'of all blobs' : `of namespace ${toHex(namespace)}`;
  return new PerigeeError('PROOF', `the state breaks the rules of blob lists: the list ${name} ${what}`);
}
