/** What applications ask of a stream, and what they get. */
import type { KvProof } from './kv-source.ts';

/**
 * How fresh a value must be. `latest`: proved under a header that is current (PROTOCOL §5). `withinSeconds`: proved under one whose time is not longer
 * ago. `cached`: whatever was proved last, and only what never was is asked for.
 */
export type KvPolicy = 'latest' | 'cached' | { readonly withinSeconds: number };

/** A value of a stream, with what it rests on. */
export interface KvReading {
  readonly key: Uint8Array;
  /** `undefined` when the key was proved to be absent. */
  readonly value: Uint8Array | undefined;
  /** txSeq of its last write; `undefined` for an absent one. */
  readonly version: number | undefined;
  /** Who wrote it, 20 bytes. */
  readonly author: Uint8Array | undefined;
  /** Verified header under which it was proved, or a later one. */
  readonly height: number;
  /** Time of that header, milliseconds since 1970. */
  readonly timeMs: number;
  /** How long ago that was, milliseconds. */
  readonly ageMs: number;
  readonly source: 'memory' | 'device' | 'network';
  /** Of the answer that it came with now, which may have proved others too; `undefined` for what was proved before. */
  readonly proof: KvProof | undefined;
}

export interface KvReadOptions {
  /** Default `latest`. */
  readonly policy?: KvPolicy;
  /**
   * Of the stream as it was under this header, after the block before it, and not as it is; without a policy then. Peers prove the last
   * PROOF_WINDOW_HEIGHTS.
   */
  readonly height?: number;
  readonly signal?: AbortSignal;
}

export interface KvBoundOptions {
  /** Whether the key itself counts; by default not. */
  readonly inclusive?: boolean;
  readonly signal?: AbortSignal;
}

/** Neighbouring entries of a stream. Without a bound from its first, or to its last. */
export interface KvRangeOptions {
  /** Only keys that begin with it. */
  readonly prefix?: Uint8Array;
  /** From this key on. */
  readonly from?: Uint8Array;
  /** After this key: that of the last entry of a page asks for the next page. */
  readonly after?: Uint8Array;
  /** Below this key: so a page in reverse asks for the next. */
  readonly below?: Uint8Array;
  /** From the upper end down. */
  readonly reverse?: boolean;
  /** At most MAX_RANGE_KEYS, which is the default; long values may make it fewer. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Entries with nothing left out between them. */
export interface KvRange {
  readonly entries: readonly KvReading[];
  /** Whether the range holds no more. */
  readonly complete: boolean;
  /** Header that proves it, and its time. */
  readonly height: number;
  readonly timeMs: number;
  readonly proof: KvProof;
}

/** One key, or all that begin with a prefix; an empty one is the whole stream. */
export type KvWatched = { readonly key: Uint8Array } | { readonly prefix: Uint8Array };

export interface KvWatchOptions {
  /** Header of a reading or a range: what has changed after it is told. By default from now on. */
  readonly since?: number;
  /** Changes may be missing up to now, because nobody keeps states that far back: what is shown must be read anew. */
  readonly onGap?: () => void;
}

/** One stream of key-value pairs. Every value is verified when it is fetched. */
export interface KvStream {
  /** @throws UNPROVEN when nothing proves it as fresh as it must be; PRUNED, NOT_FOUND for a height; INVALID_ARGUMENT, ABORTED */
  get(key: Uint8Array, options?: KvReadOptions): Promise<KvReading>;
  /** In the order of the keys. */
  getMany(keys: readonly Uint8Array[], options?: KvReadOptions): Promise<readonly KvReading[]>;
  /** The entry after a key, or the first. `undefined` when it was proved that there is none. @throws UNPROVEN, INVALID_ARGUMENT, ABORTED */
  next(key?: Uint8Array, options?: KvBoundOptions): Promise<KvReading | undefined>;
  /** The entry before a key, or the last. */
  previous(key?: Uint8Array, options?: KvBoundOptions): Promise<KvReading | undefined>;
  /** @throws UNPROVEN, INVALID_ARGUMENT, ABORTED */
  range(options?: KvRangeOptions): Promise<KvRange>;
  /** What this device keeps of the stream, ascending by key: each was proved, that nothing is missing was not. */
  kept(limit: number): Promise<readonly KvReading[]>;
  /**
   * Calls back with every change, proved at a verified header, until the returned function is called. Of several changes of a key in a short time it may
   * tell the last one only; one that it has told before may come again after it was cut off. A key is told as it is now first.
   *
   * That a peer has left out a change of a prefix nobody can prove: who must be sure reads. A key is looked after every few heights.
   *
   * @throws INVALID_ARGUMENT
   */
  watch(watched: KvWatched, listener: (reading: KvReading) => void, options?: KvWatchOptions): () => void;
}
