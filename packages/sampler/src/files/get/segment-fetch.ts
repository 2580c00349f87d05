import { createStopController } from '@perigee/net';
import {
  FETCH_AHEAD_SEGMENTS,
  FETCH_HEDGE_FACTOR,
  FETCH_HEDGE_MS,
  FETCH_PATIENCE_MS,
  FETCH_SEARCH_AFTER_MS,
  FETCH_SEARCH_AGAIN_MS,
  MAX_SEGMENTS_PER_REQUEST,
  PerigeeError,
  type SegmentAnswer,
  type StoredFile,
  toHex,
} from '@perigee/wire';
import { InFlight } from '../../in-flight.ts';
import type { FileParts } from '../parts.ts';
import { type Holder, Holders } from './holders.ts';

/** How often it is looked whether someone is free, slow, or back, milliseconds. */
const LOOK_AGAIN_MS = 50;
/** Nodes that an error names. */
const NAMED_HOLDERS = 8;

const STATE = { wanted: 0, asked: 1, taken: 2 } as const;

/** A segment that holds, from whichever node it came. */
export interface VerifiedSegment {
  readonly index: number;
  /** Its bytes that are the file's. */
  readonly data: Uint8Array;
  readonly proof: SegmentAnswer['proof'];
  readonly peerId: string;
}

export interface SegmentFetchOptions extends FileParts {
  /** Proved under a verified header. */
  readonly file: StoredFile;
  /** Segments `first` to `first + count − 1` of it. */
  readonly first: number;
  readonly count: number;
  /** Segments that are not needed: they are there already. */
  readonly isThere?: (index: number) => boolean;
  /** Takes a verified segment. Until it resolves, the segment counts as one that is held in memory. */
  readonly take: (segment: VerifiedSegment) => Promise<void>;
  /** Segments behind the first one that is not taken yet, beyond which none is asked for; no such end by default. */
  readonly window?: number;
  readonly signal: AbortSignal;
  /** Bytes that came. */
  readonly onBytes?: (count: number) => void;
}

/** A segment that is asked for. */
interface Asked {
  readonly holders: Set<Holder>;
  /** When the last node was asked for it. */
  at: number;
}

/**
 * Asks the nodes that have a file side by side, two requests at each, and hands on what holds. What does not come in time is asked of another node too, and
 * the first good answer counts; who sends a segment that is not the file's is banned, and it is taken elsewhere.
 */
export class SegmentFetch {
  readonly #options: SegmentFetchOptions;
  readonly #holders: Holders;
  readonly #stop = createStopController();
  /** Of each segment. */
  readonly #states: Uint8Array;
  readonly #asked = new Map<number, Asked>();
  readonly #inFlight = new InFlight();
  /** Segments before this one are taken; counted from `first`, as in all that follows. */
  #low = 0;
  /** Segments that were asked for, or are being taken. */
  #held = 0;
  #left: number;
  #patientUntil: number;
  #searching: Promise<void> | undefined;
  #searchAt: number;

  constructor(options: SegmentFetchOptions) {
    const { file, first, count, isThere = () => false, clock } = options;
    this.#options = options;
    this.#holders = new Holders(options, file, this.#stop.signal);
    this.#states = new Uint8Array(count);
    this.#left = count;
    for (let i = 0; i < count; i++) {
      if (!isThere(first + i)) continue;
      this.#states[i] = STATE.taken;
      this.#left--;
    }
    this.#patientUntil = clock.now() + FETCH_PATIENCE_MS;
    this.#searchAt = clock.now() + FETCH_SEARCH_AFTER_MS;
  }

  /** @throws NOT_FOUND when nothing more can be had, ABORTED, and what `take` throws */
  async run(): Promise<void> {
    const { signal, clock } = this.#options;
    const stop = this.#stop;
    const onAbort = (): void => stop.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (this.#left > 0) {
        if (this.#inFlight.failure !== undefined) throw this.#inFlight.failure;
        if (signal.aborted) throw new PerigeeError('ABORTED', 'the download was stopped');
        const asking = this.#holders.look();
        this.#askAll();
        if (this.#inFlight.size === 0) {
          this.#search();
          if (this.#searching === undefined && clock.now() >= this.#patientUntil) throw this.#nobodyHas();
        }
        await Promise.race([...this.#inFlight, ...asking, clock.sleep(LOOK_AGAIN_MS, stop.signal).catch(() => {})]);
      }
      if (this.#inFlight.failure !== undefined) throw this.#inFlight.failure;
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
      // what is being written is over before the caller closes what it is written to
      await Promise.allSettled(this.#inFlight);
    }
  }

  /** Nobody who is connected has what is missing: others are looked for, now and then. */
  #search(): void {
    const { storage, file, pool, clock } = this.#options;
    if (this.#searching !== undefined || storage.search === undefined || clock.now() < this.#searchAt) return;
    const signal = this.#stop.signal;
    const check = ({ root, length }: Pick<StoredFile, 'root' | 'length'>, answer: SegmentAnswer): Promise<unknown> =>
      pool.run('verify', { file: { root, length }, answer }, { transfer: [answer.data.buffer as ArrayBuffer], signal });
    this.#searching = storage
      .search(file, check, signal)
      .catch(() => {}) // what is known without it goes on
      .finally(() => {
        this.#searching = undefined;
        this.#searchAt = clock.now() + FETCH_SEARCH_AGAIN_MS;
      });
  }

  /** One request to each node in turn, until nobody takes one more. */
  #askAll(): void {
    const holders = this.#holders.list();
    for (let anyone = true; anyone; ) {
      anyone = false;
      for (const holder of holders) {
        const now = this.#options.clock.now();
        if (!holder.isFree(now)) continue;
        const indices = this.#nextOf(holder) ?? this.#lateOf(holder, now);
        if (indices === undefined) continue;
        this.#begin(holder, indices, now);
        anyone = true;
      }
    }
  }

  /** What of the next segments a node has that nobody was asked for, as many as fit into a request. */
  #nextOf(holder: Holder): number[] | undefined {
    const { first, window = Number.POSITIVE_INFINITY } = this.#options;
    if (this.#held >= FETCH_AHEAD_SEGMENTS) return undefined;
    const end = Math.min(this.#states.length, this.#low + window);
    const indices: number[] = [];
    let at = Math.max(holder.cursor, this.#low);
    for (; at < end && at < (indices[0] ?? at) + MAX_SEGMENTS_PER_REQUEST; at++) {
      if (!holder.has(first + at)) continue;
      if (this.#states[at] === STATE.wanted) indices.push(at);
      else if (indices.length > 0) break; // a request is for a stretch: what is there, or asked of another node, would come too
    }
    holder.cursor = at;
    return indices.length === 0 ? undefined : indices;
  }

  /** A segment that was asked for long ago, of nodes that are slow now. */
  #lateOf(holder: Holder, now: number): number[] | undefined {
    const { first } = this.#options;
    for (const [at, asked] of this.#asked) {
      if (asked.holders.has(holder) || !holder.has(first + at)) continue;
      const usual = Math.max(...[...asked.holders].map(({ usualMs = 0 }) => usualMs));
      if (now - asked.at >= Math.max(FETCH_HEDGE_MS, FETCH_HEDGE_FACTOR * usual)) return [at];
    }
    return undefined;
  }

  #begin(holder: Holder, indices: readonly number[], now: number): void {
    for (const at of indices) {
      const asked = this.#asked.get(at) ?? { holders: new Set(), at: now };
      if (asked.holders.size === 0) this.#held++;
      asked.holders.add(holder);
      asked.at = now;
      this.#asked.set(at, asked);
      this.#states[at] = STATE.asked;
    }
    holder.load++;
    // the node is free as soon as it has answered: what came is checked and taken beside the next request
    const answered = this.#ask(holder, indices);
    this.#inFlight.add(answered);
    this.#inFlight.add(answered.then((checks) => Promise.all(checks)));
  }

  /** @returns the checks of what came */
  async #ask(holder: Holder, indices: readonly number[]): Promise<Promise<void>[]> {
    const { file, first, clock, storage, onBytes } = this.#options;
    const missing = new Set(indices);
    const came = new Set<number>();
    const checks: Promise<void>[] = [];
    const askedAt = clock.now();
    const from = indices[0] ?? 0;
    const request = { txSeq: file.txSeq, first: first + from, count: (indices.at(-1) ?? from) - from + 1 };
    try {
      for await (const answer of holder.peer.segments(request, { signal: this.#stop.signal })) {
        onBytes?.(answer.data.length);
        const at = answer.index - first;
        if (at < from || at >= from + request.count || came.has(at))
          throw new PerigeeError('PARSE', 'it answers with a segment that it was not asked for, or with one twice');
        came.add(at);
        if (!missing.delete(at)) continue; // one that another node gives
        const check = this.#check(holder, at, answer);
        check.catch(() => {}); // it is looked at when the request is over
        checks.push(check);
      }
      holder.answered(clock.now() - askedAt);
      // it said that it has them
      for (const at of missing) holder.lacks(first + at);
      if (missing.size > 0) this.#holders.doubt(holder);
    } catch (thrown) {
      if (!this.#stop.signal.aborted) {
        storage.judge(holder.peer, thrown);
        holder.failed(clock.now());
        this.#holders.doubt(holder);
      }
    } finally {
      holder.load--;
      for (const at of missing) this.#unanswered(holder, at);
    }
    return checks;
  }

  /** @throws what ails the worker, and what `take` throws */
  async #check(holder: Holder, at: number, answer: SegmentAnswer): Promise<void> {
    const { file, pool, storage, take, clock } = this.#options;
    if (this.#states[at] === STATE.taken || this.#stop.signal.aborted) return this.#unanswered(holder, at);
    const { root, length } = file;
    const { index, proof } = answer;
    let data: Uint8Array;
    try {
      const options = { transfer: [answer.data.buffer as ArrayBuffer], signal: this.#stop.signal };
      data = await pool.run('verify', { file: { root, length }, answer }, options);
    } catch (thrown) {
      this.#unanswered(holder, at);
      if (this.#stop.signal.aborted) return;
      const error = storage.judge(holder.peer, thrown);
      if (error.code !== 'FILE_PROOF' && error.code !== 'SEGMENT_SIZE') throw error;
      return;
    }
    if (this.#states[at] === STATE.taken) return this.#unanswered(holder, at);
    this.#states[at] = STATE.taken;
    this.#asked.delete(at);
    while (this.#states[this.#low] === STATE.taken) this.#low++;
    holder.verified++;
    this.#patientUntil = clock.now() + FETCH_PATIENCE_MS;
    try {
      await take({ index, data, proof, peerId: holder.peer.id });
    } finally {
      this.#held--;
      this.#left--;
    }
  }

  /** A node did not give a segment: when no other is asked for it, it is wanted again. */
  #unanswered(holder: Holder, at: number): void {
    const asked = this.#asked.get(at);
    if (asked === undefined) return;
    asked.holders.delete(holder);
    if (asked.holders.size > 0) return;
    this.#asked.delete(at);
    this.#held--;
    this.#states[at] = STATE.wanted;
    for (const each of this.#holders.list()) each.cursor = Math.min(each.cursor, at);
  }

  #nobodyHas(): PerigeeError {
    const { file, first } = this.#options;
    const at = this.#states.indexOf(STATE.wanted);
    const holders = this.#holders.list();
    const words = holders.slice(0, NAMED_HOLDERS).map(({ peer, holding: { shard, finalized, missing } }) => {
      const what = finalized ? 'all' : `all but ${missing}`;
      return `${peer.id} has ${what} of shard ${shard.shardId}/${shard.numShard}`;
    });
    const nobody = 'no connected storage node has any of it';
    return new PerigeeError(
      'NOT_FOUND',
      `segment ${first + at} of file ${toHex(file.root)} cannot be had: ${words.length === 0 ? nobody : words.join(', ')}; try again when more nodes are connected`,
      { data: { segment: first + at, left: this.#left, nodes: holders.length } },
    );
  }
}
