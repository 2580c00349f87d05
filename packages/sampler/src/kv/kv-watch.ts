import { keyOfEntry, rangeOfWatch } from '@perigee/light-core/kv';
import type { Clock } from '@perigee/light-core/roles';
import { placeIn } from '@perigee/light-core/state';
import { eitherSignal } from '@perigee/net';
import {
  compare,
  KV_HEAD_PATIENCE_MS,
  KV_WATCH_SILENCE_MS,
  KvAnswer,
  type KvCached,
  type KvChanges,
  type KvWatch as KvWatchRequest,
  PerigeeError,
  type StateProof,
} from '@perigee/wire';
import type { ChainFollower } from '../chain/chain-follower.ts';
import { CHAIN_WORKER } from '../chain/worker-trust.ts';
import type { Peer } from '../peers/peer.ts';
import type { KvFound } from '../verify/check-kv.ts';
import type { KvCache } from './kv-cache.ts';
import type { KvReader } from './kv-reader.ts';
import type { KvProof, KvSource } from './kv-source.ts';
import type { KvReading } from './kv-stream.ts';
import type { Place, SubscriptionPlaces } from './subscription-places.ts';

/** How often it is looked whether a peer has come, milliseconds. */
const LOOK_AGAIN_MS = 100;
const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 8_000;
const NOTHING = new Uint8Array(0);

export interface KvWatchParts {
  readonly follower: ChainFollower;
  readonly source: KvSource;
  readonly cache: KvCache;
  readonly reader: Pick<KvReader, 'reading'>;
  readonly places: SubscriptionPlaces;
  /** Peers that serve the chain, best first. */
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface KvWatchOptions {
  readonly stream: Uint8Array;
  readonly watched: Pick<KvWatchRequest, 'key' | 'isPrefix'>;
  /** Header after which changes are told; by default from now on. */
  readonly since?: number | undefined;
  readonly listener: (reading: KvReading) => void;
  readonly onGap?: (() => void) | undefined;
}

/**
 * Follows a key or a prefix: a peer tells what changes, and each change is told on with its proof at a verified header, and kept. What cannot be had from one
 * peer is asked of another, from the height up to which everything is known.
 */
export class KvWatch {
  readonly #parts: KvWatchParts;
  readonly #options: KvWatchOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  /** Height of the state up to which changes are known. */
  #known: number | undefined;
  /** Of a single key: the version that was told last, `undefined` for absence, and the header that proved it. */
  #told: { readonly version: number | undefined; readonly height: number } | undefined;

  /** The part of a height that was told last, where more of it follows. */
  #part: { readonly height: number; readonly last: Uint8Array } | undefined;

  constructor(parts: KvWatchParts, options: KvWatchOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#signal = eitherSignal(this.#stop.signal, parts.signal);
    if (options.since !== undefined && options.since > 1) this.#known = options.since - 1;
    void this.#run();
  }

  readonly stop = (): void => this.#stop.abort();

  /** Never rejects. */
  async #run(): Promise<void> {
    let wait = FIRST_WAIT_MS;
    let lookedAt = 0;
    while (!this.#signal.aborted) {
      const { places, peers, clock } = this.#parts;
      const place = places.take(peers());
      try {
        if (place === undefined) {
          // nobody is there, or nobody has room: a key is looked after at each head all the same
          const height = this.#parts.source.head()?.height ?? 0;
          if (peers().length > 0 && height > lookedAt) lookedAt = (await this.#look()) ?? height;
          await clock.sleep(LOOK_AGAIN_MS, this.#signal);
          continue;
        }
        const height = await this.#look();
        if (height !== undefined) this.#known = Math.max(this.#known ?? 0, height - 1);
        await this.#subscribe(place, () => {
          wait = FIRST_WAIT_MS;
        });
      } catch (error) {
        if (this.#signal.aborted) return;
        if (PerigeeError.from(error).code === 'PRUNED') this.#gap();
      } finally {
        place?.release();
      }
      await clock.sleep(wait, this.#signal).catch(() => {});
      wait = Math.min(2 * wait, LAST_WAIT_MS);
    }
  }

  async #subscribe({ peer, number }: Place, onProgress: () => void): Promise<void> {
    const { stream, watched } = this.#options;
    const request = { stream, height: 0, keys: [], watch: { ...watched, since: this.#known ?? 0 } };
    let height = 0;
    this.#part = undefined;
    try {
      for await (const answer of peer.watchKv(request, number, { signal: this.#signal, timeoutMs: KV_WATCH_SILENCE_MS })) {
        if (answer.changes === undefined) throw new PerigeeError('PROOF', 'changes were subscribed to, and something else came');
        height = answer.changes.height;
        await this.#take(answer, answer.changes);
        onProgress();
      }
      throw new PerigeeError('STREAM_CLOSED', 'the peer ended the subscription');
    } catch (error) {
      if (this.#signal.aborted) throw error;
      peer.failures++;
      throw await this.#parts.follower.judge(peer, error, height + 1);
    }
  }

  async #take(answer: KvAnswer, changes: KvChanges): Promise<void> {
    const { height, proofs, more } = changes;
    const known = this.#known;
    // a height is done once: each that is done has the key looked after, which asks others
    if (known !== undefined && height <= known) {
      throw new PerigeeError('PROOF', `changes of height ${height} came after those of height ${known}`);
    }
    await this.#untilHeader(height + 1);
    if (proofs.length > 0) {
      const [first, last] = [placeOf(proofs[0]), placeOf(proofs.at(-1))];
      const goesOn = this.#part?.height === height;
      // the parts of a height tell each key once, or there were no end of them
      if (goesOn && compare(this.#part?.last ?? NOTHING, first) >= 0) {
        throw new PerigeeError('PROOF', `the keys that changed at height ${height} do not ascend`);
      }
      await this.#tellChanges(answer, changes);
      this.#part = more ? { height, last } : undefined;
    }
    if (more) return;
    this.#known = height;
    // a peer can leave a change out, and nobody see it by what it says
    if (proofs.length === 0 && known !== undefined) await this.#look();
  }

  async #tellChanges(answer: KvAnswer, changes: KvChanges): Promise<void> {
    const { follower, source } = this.#parts;
    const { stream, watched } = this.#options;
    const height = changes.height + 1;
    const input = { height, stream, question: { watch: watched }, answer: KvAnswer.encode(answer) };
    try {
      const {
        found,
        timeMs,
        proofBytes: bytes,
        verifyMs,
      } = await follower.check((verify) => verify.run('kv', input, CHAIN_WORKER));
      this.#tell(found, { height, timeMs }, { bytes, verifyMs });
    } catch (error) {
      if (PerigeeError.from(error).code !== 'NOT_FOUND') throw error;
      // a later head was verified in its place: what the keys hold now is proved there
      const keys = this.#keysOf(changes);
      const { head, entries, proof } = await source.prove(stream, keys, this.#signal);
      this.#tell(
        keys.map((key, i) => ({ key, entry: entries[i] })),
        head,
        proof,
      );
    }
  }

  /** Keys that are said to have changed. @throws PROOF */
  #keysOf({ proofs }: KvChanges): Uint8Array[] {
    const { stream, watched } = this.#options;
    const range = rangeOfWatch(stream, watched);
    return proofs.map(({ inner }) => {
      const place = placeOf({ inner });
      const key = placeIn(range, place) === 'inside' ? keyOfEntry(place, stream) : undefined;
      if (key === undefined) throw new PerigeeError('PROOF', 'a change is of a key that was not subscribed to');
      return key;
    });
  }

  /** Of a single key: proves it anew, and tells it if it is not as it was told. @returns height of the header */
  async #look(): Promise<number | undefined> {
    const { stream, watched } = this.#options;
    if (watched.isPrefix) return undefined;
    const { head, entries, proof } = await this.#parts.source.prove(stream, [watched.key], this.#signal);
    this.#tell([{ key: watched.key, entry: entries[0] }], head, proof);
    return head.height;
  }

  #tell(found: readonly KvFound[], header: { readonly height: number; readonly timeMs: number }, proof: KvProof): void {
    for (const one of found) {
      // also what is as it was: what is kept is then as fresh as the header
      const cached = this.#keep(one, header);
      if (!this.#isNews(one, header.height) || this.#signal.aborted) continue;
      try {
        this.#options.listener(this.#parts.reader.reading({ cached, source: 'network', proof }));
      } catch (error) {
        // the application's, not the peer's
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Whether a single key is not as it was told, and not told of a later header. */
  #isNews({ entry }: KvFound, height: number): boolean {
    if (this.#options.watched.isPrefix) return true;
    const told = this.#told;
    if (told !== undefined && told.height > height) return false;
    this.#told = { version: entry?.version, height };
    return told === undefined || told.version !== entry?.version;
  }

  #keep({ key, entry }: KvFound, { height, timeMs }: { readonly height: number; readonly timeMs: number }): KvCached {
    const cached: KvCached = { stream: this.#options.stream, key, height, timeMs, ...(entry && { entry }) };
    this.#parts.cache.put(cached);
    return cached;
  }

  #gap(): void {
    this.#known = undefined;
    this.#options.onGap?.();
  }

  /** @throws UNPROVEN when it does not come: a peer may tell of heights that the chain does not have */
  async #untilHeader(height: number): Promise<void> {
    const { follower, clock } = this.#parts;
    const isThere = (): boolean => (follower.head()?.height ?? 0) >= height;
    if (isThere()) return;
    const enough = new AbortController();
    const until = eitherSignal(this.#signal, enough.signal);
    const off = follower.onHead(() => isThere() && enough.abort());
    try {
      await clock.sleep(KV_HEAD_PATIENCE_MS, until).catch(() => {});
    } finally {
      off();
    }
    if (this.#signal.aborted) throw new PerigeeError('ABORTED', 'nobody waits for changes any more');
    if (!isThere()) throw new PerigeeError('UNPROVEN', `header ${height}, under which a change is proved, did not come`);
  }
}

/** The key of the state that a proof is about. */
function placeOf(proof: Pick<StateProof, 'inner'> | undefined): Uint8Array {
  return proof?.inner.exist?.key ?? proof?.inner.nonexist?.key ?? NOTHING;
}
