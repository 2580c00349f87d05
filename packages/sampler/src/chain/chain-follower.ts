import { afterNotEnoughTrust, afterVerified, nextHeight, planSkipping } from '@perigee/light-core/comet';
import type { VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import {
  equal,
  HeaderAnswer,
  MAX_SHOWN_HEADS,
  PerigeeError,
  PROOF_PATIENCE_MS,
  STORE_PATIENCE_MS,
  StateProof,
  toHex,
} from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import { askAround } from '../peers/ask-around.ts';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { KeptHeader } from '../store/light-store.ts';
import type { Comparison, Conflict, HeadResult, Verifier } from '../verify/verifier.ts';
import { CHAIN_WORKER, WorkerTrust, type WorkerTrustOptions } from './worker-trust.ts';

/** How often it is looked whether somebody can be asked by now, milliseconds. */
const LOOK_AGAIN_MS = 20;

export interface ChainFollowerOptions extends WorkerTrustOptions {
  /** What an earlier visit had verified, if anything; asked at once, and not waited for longer than STORE_PATIENCE_MS: later it counts only while nothing else is trusted. Never rejects. */
  readonly kept?: () => Promise<KeptHeader | undefined>;
  /** That header is trusted again. It is no head yet: a later one is to be verified by it. */
  readonly onResumed?: (result: HeadResult) => void;
  /** A header was verified, a head or a step on the way to one, before `onHead` hears of it. */
  readonly onVerified?: (result: HeadResult) => void;
  readonly signal: AbortSignal;
  /** Peers to ask, best first. */
  readonly peers: () => readonly Peer[];
  /** Whether somebody is known who is not connected yet, or has not said what it does. */
  readonly isAwaited: () => boolean;
  readonly onLie: OnLie;
  /** Two headers of one height follow from one before: what is believed of this chain may be either. */
  readonly onConflict: (peer: Peer, height: number, conflict: Conflict) => void;
}

/** What a state proof said, and the proof. */
export interface ProvedValues {
  /** Of the header whose app hash it leads to. */
  readonly height: number;
  /** In the order of the keys; `undefined` where the absence was proved. */
  readonly values: (Uint8Array | undefined)[];
  readonly proofs: readonly Uint8Array[];
}

/** What is asked of peers about the state under a head, and how an answer is checked. */
export interface StateQuestion<Answer, Proved> {
  readonly store: string;
  /** @param height of the state: the one before the head */
  ask(peer: Peer, height: number, signal: AbortSignal): Promise<Answer>;
  /** Has the worker check it, in its turn. @param height of the head */
  check(answer: Answer, height: number, verify: Pool<Verifier>): Promise<Proved>;
}

/**
 * Follows a chain from its trust root: fetches headers from peers, has them verified in the worker, and answers for the state under the
 * latest of them. The one follower that all roles share.
 */
export class ChainFollower implements VerifiedState {
  readonly #options: ChainFollowerOptions;
  readonly #listeners = new Set<(head: VerifiedHead, result: HeadResult) => void>();
  #latest: HeadResult | undefined;
  readonly #trust: WorkerTrust;
  /** Whether the worker trusts again what an earlier visit had verified; known soon after the start, when a slow store may have it still to come. */
  readonly resumed: Promise<boolean>;
  /** What an earlier visit ended with, until a peer has shown a head. */
  #resumedHead: HeadResult | undefined;
  /** Why this chain is not followed any further. */
  #halted: PerigeeError | undefined;
  /** Hashes of the latest heads, hexadecimal, by height. */
  readonly #hashes = new Map<number, string>();
  #source: Peer | undefined;

  constructor(options: ChainFollowerOptions) {
    this.#options = options;
    this.#trust = new WorkerTrust(options);
    this.resumed = this.#resume();
  }

  /** What a later visit can go on from. */
  get trusted(): KeptHeader | undefined {
    return this.#halted === undefined && this.#latest !== undefined ? this.#trust.header : undefined;
  }

  /** Who gave the head. */
  get source(): Peer | undefined {
    return this.#source;
  }

  /** Hash of one of the latest heads, hexadecimal. */
  hashAt(height: number): string | undefined {
    return this.#hashes.get(height);
  }

  /** Ends it: nothing more is verified, and nothing is proved any more. */
  halt(error: PerigeeError): void {
    this.#halted = error;
  }

  head(): VerifiedHead | undefined {
    return this.#latest?.head;
  }

  onHead(listener: (head: VerifiedHead, result: HeadResult) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * A peer says that it has this height: fetch that header, verify it, make it the head. What several peers announce is fetched side by
   * side, so that a slow one holds up nobody, and verified one after another.
   *
   * @throws what the verification threw; `onLie` has then been told, where the peer is at fault
   */
  async announce(peer: Peer, height: number): Promise<void> {
    if (height <= (this.#latest?.head.height ?? 0) || this.#halted !== undefined) return;
    try {
      const [target] = await Promise.all([this.#fetch(peer, height), this.#anchor(peer, height)]);
      await this.#advance(peer, height, target);
    } catch (error) {
      if (this.#options.signal.aborted) return;
      throw judge(peer, error, this.#options.onLie);
    }
  }

  /**
   * Compares a head with what another peer has at that height. `onConflict` is told of one that is as good.
   *
   * @throws what the peer's answer was refused with; `onLie` has then been told, where it is at fault
   */
  async compare(peer: Peer, height: number): Promise<Comparison> {
    const { clock, onLie, onConflict } = this.#options;
    try {
      const answer = await this.#fetch(peer, height);
      const found = await this.#trust.inTurn((verify) => verify.run('compare', { answer, now: clock.now() }, CHAIN_WORKER));
      if (found.kind === 'conflict') onConflict(peer, height, found);
      return found;
    } catch (error) {
      throw judge(peer, error, onLie);
    }
  }

  /** Share of the voting power that signed a head; `undefined` when too many came since. */
  signedPower(height: number): Promise<number | undefined> {
    return this.#trust.inTurn((verify) => verify.run('signedPower', { height }, CHAIN_WORKER));
  }

  /**
   * Resolves when there is a head whose state can be proved, and a peer that serves the chain. Soon after a start there may be neither yet.
   *
   * @throws UNPROVEN when nobody is left who might come, or nobody has come in PROOF_PATIENCE_MS; what it was halted with; ABORTED
   */
  async ready(signal: AbortSignal = this.#options.signal): Promise<void> {
    const { clock, isAwaited } = this.#options;
    const patientUntil = clock.now() + PROOF_PATIENCE_MS;
    for (;;) {
      if (this.#halted !== undefined) throw this.#halted;
      if (this.#isReady) return;
      const isHopeless = this.#servers().length === 0 && !isAwaited();
      if (isHopeless || clock.now() >= patientUntil) throw this.#notReady();
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
  }

  /** Height 0 has no state, and to a server it means the latest. */
  get #isReady(): boolean {
    return (this.#latest?.head.height ?? 0) >= 2 && this.#servers().length > 0;
  }

  #servers(): readonly Peer[] {
    return this.#options.peers().filter((peer) => peer.hasRole('chain'));
  }

  #notReady(): PerigeeError {
    const [why, remedy] =
      this.#servers().length === 0
        ? ['no peer that serves the chain is connected', 'connect to a peer that serves it']
        : ['no block is verified yet', 'try again in a moment'];
    return new PerigeeError('UNPROVEN', `${why}, so nothing of the state of the chain can be proved; ${remedy}`);
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
    options: { signal?: AbortSignal } = {},
  ): Promise<(Uint8Array | undefined)[]> {
    return (await this.prove(store, keys, options)).values;
  }

  /**
   * As `getMany`, with the proofs, for who hands them on. Who can be asked by now is asked at once, under the head that stands when this is called.
   *
   * @returns `height` of the header under which they hold; `proofs` are encoded `StateProof`s
   * @throws UNPROVEN
   */
  async prove(store: string, keys: readonly Uint8Array[], options: { signal?: AbortSignal } = {}): Promise<ProvedValues> {
    const question: StateQuestion<readonly Uint8Array[], ProvedValues> = {
      store,
      ask: async (peer, height, signal) => {
        const answer = await peer.state({ height, store, keys: [...keys] }, { signal });
        return answer.proofs.map((proof) => StateProof.encode(proof));
      },
      check: async (proofs, height, verify) => {
        const values = await verify.run('prove', { height, store, keys, proofs }, CHAIN_WORKER);
        return { height, values, proofs };
      },
    };
    return (await this.answer(question, options)).proved;
  }

  /**
   * Asks peers about the state under the head that stands when this is called, until one gives an answer that holds.
   *
   * @throws UNPROVEN; what it was halted with; ABORTED
   */
  async answer<Answer, Proved>(
    question: StateQuestion<Answer, Proved>,
    { signal = this.#options.signal }: { signal?: AbortSignal } = {},
  ): Promise<{ readonly head: VerifiedHead; readonly proved: Proved }> {
    const { clock } = this.#options;
    if (this.#halted !== undefined) throw this.#halted;
    if (!this.#isReady) await this.ready(signal);
    const head = this.#latest?.head;
    if (head === undefined) throw this.#notReady();
    try {
      const ask = (peer: Peer, until: AbortSignal) => this.#ask(peer, head.height, question, until);
      return { head, proved: await askAround({ candidates: () => this.#servers(), ask, clock, signal }) };
    } catch (cause) {
      if (signal.aborted) throw cause;
      const words = `no peer proved what the state of the chain holds at block ${head.height}; connect to another that serves the chain`;
      throw new PerigeeError('UNPROVEN', words, { cause, data: { store: question.store } });
    }
  }

  /** Has the worker check something in its turn. A worker that died is given back what it trusted first. */
  check<Proved>(job: (verify: Pool<Verifier>) => Promise<Proved>): Promise<Proved> {
    return this.#trust.inTurn(job);
  }

  /**
   * An earlier header, from the first peer whose header stands the check.
   *
   * @param check of an encoded `HeaderAnswer` of that height; what it throws is said of the peer that gave it
   * @returns what `check` does
   * @throws UNREACHABLE, what the last peer refused with or was refused for, ABORTED
   */
  header<T>(
    height: number,
    check: (answer: Uint8Array) => Promise<T>,
    { signal = this.#options.signal }: { signal?: AbortSignal } = {},
  ): Promise<T> {
    const { clock, peers, onLie } = this.#options;
    const ask = async (peer: Peer, until: AbortSignal): Promise<T> => {
      try {
        return await check(await this.#fetch(peer, height, until));
      } catch (error) {
        throw until.aborted ? error : judge(peer, error, onLie);
      }
    };
    return askAround({ candidates: peers, ask, clock, signal });
  }

  async #ask<Answer, Proved>(
    peer: Peer,
    height: number,
    question: StateQuestion<Answer, Proved>,
    signal: AbortSignal,
  ): Promise<Proved> {
    try {
      const answer = await question.ask(peer, height - 1, signal);
      return await this.#trust.inTurn((verify) => question.check(answer, height, verify));
    } catch (error) {
      throw signal.aborted ? error : await this.judge(peer, error, height);
    }
  }

  /** The error of a question about the state under a head; `onLie` was told where the peer is at fault. */
  async judge(peer: Peer, thrown: unknown, height: number): Promise<PerigeeError> {
    const error = PerigeeError.from(thrown);
    // a proof under another header than ours is no lie when that header is as good as ours
    const isOther = error.code === 'PROOF_ROOT' && peer !== this.#source;
    const found = isOther ? await this.compare(peer, height).catch(() => undefined) : undefined;
    return found?.kind === 'conflict' ? error : judge(peer, error, this.#options.onLie);
  }

  async #fetch(peer: Peer, height: number, signal = this.#options.signal): Promise<Uint8Array> {
    const answer = await peer.header(height, { signal });
    const given = answer.block.signedHeader?.header?.height;
    if (given !== height) throw new PerigeeError('HEADER', `header ${height} was asked for, and header ${given} came`);
    return HeaderAnswer.encode(answer);
  }

  /** Has the worker trust again what it had verified on an earlier visit, unless the trust root is later or that was too long ago. */
  async #resume(): Promise<boolean> {
    const { kept, clock } = this.#options;
    if (kept === undefined) return false;
    const enough = new AbortController();
    const patience = clock.sleep(STORE_PATIENCE_MS, enough.signal).then(
      () => 'late' as const,
      () => undefined,
    );
    const asked = kept();
    const header = await Promise.race([asked, patience]);
    enough.abort();
    if (header !== 'late') return this.#trustAgain(header);
    void asked.then((late) => this.#trustAgain(late));
    return false;
  }

  /** @returns whether it is trusted now; not when another header is already */
  async #trustAgain(header: KeptHeader | undefined): Promise<boolean> {
    const { trustRoot, signal, onResumed } = this.#options;
    if (header === undefined || header.height <= trustRoot.height || signal.aborted) return false;
    try {
      return await this.#trust.resume(header, (result) => {
        this.#resumedHead = result;
        onResumed?.(result);
      });
    } catch {
      return false; // what was kept is no header any more: the trust root is
    }
  }

  /** Has the worker trust the header of the trust root, unless it trusts one already. */
  async #anchor(peer: Peer, announced: number): Promise<void> {
    await this.resumed;
    if (this.#trust.header !== undefined) return;
    const { trustRoot, onVerified } = this.#options;
    await this.#trust.anchor(await this.#fetch(peer, trustRoot.height), (result) => {
      onVerified?.(result);
      if (announced === trustRoot.height) this.#accept(result, peer);
    });
  }

  /** Headers on the way to the target are steps, not heads: nobody need act on them. */
  async #advance(peer: Peer, height: number, target: Uint8Array): Promise<void> {
    const { trustRoot, onVerified } = this.#options;
    const trusted = () => this.#trust.header?.height ?? trustRoot.height;
    if (height <= trusted()) {
      this.#confirm(peer, target);
      return;
    }
    let plan = planSkipping(trusted(), height);
    for (let next = nextHeight(plan); next !== undefined; next = nextHeight(plan)) {
      const isHead = next === height;
      const answer = isHead ? target : await this.#fetch(peer, next);
      try {
        await this.#trust.advance(
          { height: next, answer },
          () => this.#halted === undefined,
          (result) => {
            onVerified?.(result);
            if (isHead) this.#accept(result, peer);
          },
        );
        plan = afterVerified(plan);
      } catch (error) {
        // another peer's header may have been verified meanwhile
        const from = { ...plan, trusted: Math.max(plan.trusted, trusted()) };
        if (!(error instanceof PerigeeError) || error.code !== 'NOT_ENOUGH_TRUST' || next - from.trusted < 2) throw error;
        plan = afterNotEnoughTrust(from);
      }
    }
  }

  /** A peer has the very header with which an earlier visit ended: it is the head of now, and need not be verified again. */
  #confirm(peer: Peer, target: Uint8Array): void {
    if (this.#latest !== undefined || this.#resumedHead === undefined || this.#trust.header === undefined) return;
    if (equal(target, this.#trust.header.answer)) this.#accept(this.#resumedHead, peer);
  }

  #accept(result: HeadResult, source: Peer): void {
    this.#latest = result;
    this.#source = source;
    this.#hashes.set(result.head.height, toHex(result.head.headerHash));
    const [oldest] = this.#hashes.keys();
    if (this.#hashes.size > MAX_SHOWN_HEADS && oldest !== undefined) this.#hashes.delete(oldest);
    for (const listener of [...this.#listeners]) listener(result.head, result);
  }
}
