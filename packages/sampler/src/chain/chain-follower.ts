import { afterNotEnoughTrust, afterVerified, nextHeight, planSkipping, type TrustRoot } from '@perigee/light-core/comet';
import type { Clock, VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import { HeaderAnswer, PerigeeError, StateProof } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { Peer } from '../peers/peer.ts';
import type { HeadResult, Verifier } from '../verify/verifier.ts';

/** Headers and state proofs live in worker 0, where the trusted header is kept. */
export const CHAIN_WORKER = { affinity: 0 } as const;

/** Codes that say that the peer lied; others (no answer, an old clock) do not. */
const LIES: ReadonlySet<string> = new Set([
  'WRONG_CHAIN',
  'HEADER',
  'HEADER_HASH',
  'HEADER_TIME',
  'VALIDATOR_SET',
  'COMMIT',
  'SIGNATURE',
  'NOT_ENOUGH_POWER',
  'PROOF',
  'PROOF_ROOT',
  'PARSE',
]);

export interface ChainFollowerOptions {
  readonly trustRoot: TrustRoot;
  readonly verify: Pool<Verifier>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Peers to ask, best first. */
  readonly peers: () => readonly Peer[];
  /** A peer was proved to lie. */
  readonly onLie: (peer: Peer, error: PerigeeError) => void;
}

/**
 * Follows a chain from its trust root: fetches headers from peers, has them verified in the worker, and answers for the state under the
 * latest of them. The one follower that all roles share.
 */
export class ChainFollower implements VerifiedState {
  readonly #options: ChainFollowerOptions;
  readonly #listeners = new Set<(head: VerifiedHead, result: HeadResult) => void>();
  #latest: HeadResult | undefined;
  /** Height of the header that the worker trusts; `undefined` before it was anchored, and after it died. */
  #trusted: number | undefined;
  /** Verifications follow one another: each starts from what the last one left. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ChainFollowerOptions) {
    this.#options = options;
  }

  head(): VerifiedHead | undefined {
    return this.#latest?.head;
  }

  onHead(listener: (head: VerifiedHead, result: HeadResult) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * A peer says that it has this height: fetch that header, verify it, make it the head. Headers of several peers are fetched side by side,
   * so that a slow one holds up nobody, and verified one after another.
   *
   * @throws what the verification threw; `onLie` has then been told, where the peer is at fault
   */
  async announce(peer: Peer, height: number): Promise<void> {
    if (height <= (this.#latest?.head.height ?? 0)) return;
    try {
      const root = this.#trusted === undefined ? this.#fetch(peer, this.#options.trustRoot.height) : undefined;
      const [target, anchor] = await Promise.all([this.#fetch(peer, height), root]);
      const turn = this.#turn.then(() => this.#advance(peer, height, target, anchor));
      this.#turn = turn.catch(() => {});
      await turn;
    } catch (error) {
      if (this.#options.signal.aborted) return;
      throw this.#judge(peer, error);
    }
  }

  async get(store: string, key: Uint8Array, options: { signal?: AbortSignal } = {}): Promise<Uint8Array | undefined> {
    return (await this.getMany(store, [key], options))[0];
  }

  /**
   * Values of several keys of a store, all at the same verified head.
   *
   * @returns `undefined` where the absence was proved
   * @throws UNPROVEN when no peer gave a proof that holds
   */
  async getMany(
    store: string,
    keys: readonly Uint8Array[],
    { signal = this.#options.signal }: { signal?: AbortSignal } = {},
  ): Promise<(Uint8Array | undefined)[]> {
    let cause: unknown;
    for (const peer of this.#options.peers()) {
      const head = this.#latest?.head;
      if (head === undefined || head.height < 2) break; // height 0 has no state, and to a server it means the latest
      try {
        const answer = await peer.state({ height: head.height - 1, store, keys: [...keys] }, { signal });
        const proofs = answer.proofs.map((proof) => StateProof.encode(proof));
        const input = { height: head.height, store, keys, proofs };
        return await this.#options.verify.run('prove', input, { ...CHAIN_WORKER, signal });
      } catch (error) {
        if (signal.aborted) throw error;
        cause = this.#judge(peer, error);
      }
    }
    throw new PerigeeError('UNPROVEN', `no peer proved what store "${store}" holds; connect to a peer that serves the chain`, {
      cause,
    });
  }

  async #fetch(peer: Peer, height: number): Promise<Uint8Array> {
    return HeaderAnswer.encode(await peer.header(height, { signal: this.#options.signal }));
  }

  /** @param anchor header of the trust root, where one was thought to be needed when this began */
  async #advance(peer: Peer, height: number, target: Uint8Array, anchor: Uint8Array | undefined): Promise<void> {
    const trusted =
      this.#trusted ?? (await this.#anchor(anchor ?? (await this.#fetch(peer, this.#options.trustRoot.height)), height));
    if (height <= trusted) return;
    // headers on the way are steps, not heads: nobody need act on them
    let plan = planSkipping(trusted, height);
    for (let next = nextHeight(plan); next !== undefined; next = nextHeight(plan)) {
      try {
        const result = await this.#verified(next === height ? target : await this.#fetch(peer, next));
        plan = afterVerified(plan);
        if (next === height) this.#accept(result);
      } catch (error) {
        if (!(error instanceof PerigeeError) || error.code !== 'NOT_ENOUGH_TRUST' || next - plan.trusted < 2) throw error;
        plan = afterNotEnoughTrust(plan);
      }
    }
  }

  async #anchor(answer: Uint8Array, height: number): Promise<number> {
    const { trustRoot, verify, clock, signal } = this.#options;
    const result = await verify.run('anchor', { trustRoot, answer, now: clock.now() }, { ...CHAIN_WORKER, signal });
    this.#trusted = trustRoot.height;
    if (height === trustRoot.height) this.#accept(result);
    return trustRoot.height;
  }

  async #verified(answer: Uint8Array): Promise<HeadResult> {
    const { verify, clock, signal } = this.#options;
    try {
      const result = await verify.run('advance', { answer, now: clock.now() }, { ...CHAIN_WORKER, signal });
      this.#trusted = result.head.height;
      return result;
    } catch (error) {
      // the worker died and came back empty: start again from the root at the next announcement
      if (error instanceof PerigeeError && error.code === 'NOT_FOUND') this.#trusted = undefined;
      throw error;
    }
  }

  #accept(result: HeadResult): void {
    if (result.head.height <= (this.#latest?.head.height ?? 0)) return; // known from before the worker died
    this.#latest = result;
    for (const listener of [...this.#listeners]) listener(result.head, result);
  }

  #judge(peer: Peer, thrown: unknown): PerigeeError {
    const error = PerigeeError.from(thrown);
    const ours = error.data?.remote !== true; // an error that the peer sent is its word, not our finding
    if (ours && LIES.has(error.code)) this.#options.onLie(peer, error);
    return error;
  }
}
