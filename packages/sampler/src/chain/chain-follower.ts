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
  #advancing: Promise<void> = Promise.resolve();

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
   * A peer says that it has this height: fetch that header, verify it, make it the head.
   *
   * @throws what the verification threw; `onLie` has then been told, where the peer is at fault
   */
  announce(peer: Peer, height: number): Promise<void> {
    const turn = this.#advancing.then(() => this.#advance(peer, height));
    this.#advancing = turn.catch(() => {});
    return turn;
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
      if (head === undefined) break;
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

  async #advance(peer: Peer, height: number): Promise<void> {
    const { signal } = this.#options;
    try {
      const trusted = this.#trusted ?? (await this.#anchor(peer));
      if (height <= trusted) return;
      let plan = planSkipping(trusted, height);
      for (let next = nextHeight(plan); next !== undefined; next = nextHeight(plan)) {
        const answer = HeaderAnswer.encode(await peer.header(next, { signal }));
        try {
          this.#accept(await this.#verified(answer));
          plan = afterVerified(plan);
        } catch (error) {
          if (!(error instanceof PerigeeError) || error.code !== 'NOT_ENOUGH_TRUST' || next - plan.trusted < 2) throw error;
          plan = afterNotEnoughTrust(plan);
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      throw this.#judge(peer, error);
    }
  }

  async #anchor(peer: Peer): Promise<number> {
    const { trustRoot, verify, clock, signal } = this.#options;
    const answer = HeaderAnswer.encode(await peer.header(trustRoot.height, { signal }));
    this.#accept(await verify.run('anchor', { trustRoot, answer, now: clock.now() }, { ...CHAIN_WORKER, signal }));
    return trustRoot.height;
  }

  async #verified(answer: Uint8Array): Promise<HeadResult> {
    const { verify, clock, signal } = this.#options;
    try {
      return await verify.run('advance', { answer, now: clock.now() }, { ...CHAIN_WORKER, signal });
    } catch (error) {
      // the worker died and came back empty: start again from the root at the next announcement
      if (error instanceof PerigeeError && error.code === 'NOT_FOUND') this.#trusted = undefined;
      throw error;
    }
  }

  #accept(result: HeadResult): void {
    this.#trusted = result.head.height;
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
