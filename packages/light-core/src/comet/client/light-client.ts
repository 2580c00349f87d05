import { equal, type Header, PerigeeError, REQUEST_TIMEOUT_MS, TRUSTING_PERIOD_MS, Turn, toHex } from '@perigee/wire';
import { headerHash } from '../header-hash.ts';
import { unixMs } from '../time.ts';
import type { TrustAnchor } from '../trust-root.ts';
import { contentOf, type Unverified } from '../unverified.ts';
import type { VerifiedHeader, VerifiedLightBlock } from '../verified.ts';
import { type AttackReport, Detector, type Split } from './detector.ts';
import type { HeaderStore } from './header-store.ts';
import { openHeaderStore } from './kept-headers.ts';
import { limited } from './limited.ts';
import { memoryValues } from './memory-values.ts';
import type { LightProvider, ProviderOptions } from './provider.ts';
import { Providers } from './providers.ts';
import { Verification, type VerificationOptions } from './verification.ts';

/** A header that is known by another way than this client: from a release, a friend, an explorer. */
export type Checkpoint = Omit<TrustAnchor, 'chainId'>;

export interface LightClientOptions extends VerificationOptions {
  /** At least one. The highest is where trust begins; a header at the height of any other must be that one. */
  readonly checkpoints: readonly Checkpoint[];
  /** Who is asked. */
  readonly primary: LightProvider;
  /** Who is compared with, at least one; the client is safe while one of all providers is honest, so they should not be of one operator. */
  readonly witnesses: readonly LightProvider[];
  /** Where verified blocks are kept. Default: in memory. */
  readonly store?: HeaderStore;
  /** How long a witness may be behind, besides clocks that differ, milliseconds. */
  readonly blockLagMs?: number;
  /** Told of an attack before the call that found it fails. */
  readonly onAttack?: (report: AttackReport) => void;
}

export interface CallSignal {
  readonly signal?: AbortSignal;
}

/**
 * Begins to follow a chain: by what its store holds, or else by the latest checkpoint, whose header is fetched, verified and compared.
 *
 * @throws INVALID_ARGUMENT without a checkpoint or a witness, or with one node twice; TRUST_EXPIRED, TRUST_ROOT; CONFLICTING_HEADERS when a witness has another header at the
 *   checkpoint; what `anchor` and the providers throw
 */
export async function createLightClient(options: LightClientOptions, { signal }: CallSignal = {}): Promise<LightClient> {
  if (options.witnesses.length === 0) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      'a light client needs a witness: a second node, of somebody else, to compare headers with',
    );
  }
  const names = [options.primary, ...options.witnesses].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', `"${twice}" is given twice, and a node is no witness of itself: give another one`);
  }
  const store = options.store ?? (await openHeaderStore({ values: memoryValues(), chainId: options.chainId }));
  const client = new LightClient(options, store);
  await client.begin(signal ?? new AbortController().signal);
  return client;
}

/** A light client of one CometBFT chain. Calls are worked off one after another. */
export class LightClient {
  readonly #options: LightClientOptions;
  readonly #store: HeaderStore;
  readonly #verification: Verification;
  readonly #detector: Detector;
  readonly #providers: Providers;
  #latest: VerifiedLightBlock | undefined;
  #halted: PerigeeError | undefined;
  #attack: AttackReport | undefined;
  readonly #turn = new Turn();

  /** @internal `createLightClient` */
  constructor(options: LightClientOptions, store: HeaderStore) {
    this.#options = options;
    this.#store = store;
    this.#verification = new Verification(options);
    this.#detector = new Detector({ ...options, verification: this.#verification });
    this.#providers = new Providers(options.primary, options.witnesses);
  }

  /** The highest verified block. */
  get latest(): VerifiedLightBlock {
    if (this.#latest === undefined) throw new PerigeeError('INTERNAL', 'the light client has not begun');
    return this.#latest;
  }

  /** The attack that ended this client: nothing is verified any more. */
  get attack(): AttackReport | undefined {
    return this.#attack;
  }

  /** Who is asked now, and who is compared with. */
  get providers(): { readonly primary: string; readonly witnesses: readonly string[] } {
    return { primary: this.#providers.primary.name, witnesses: this.#providers.witnesses.map(({ name }) => name) };
  }

  /**
   * Verifies the latest header that the primary has.
   *
   * @returns the highest verified block, which is the one before when there is no later one
   * @throws what `verifyToHeight` throws
   */
  update({ signal = new AbortController().signal }: CallSignal = {}): Promise<VerifiedLightBlock> {
    return this.#inTurn(() => this.#forward(this.latest, 0, signal));
  }

  /**
   * Verifies the header of a height: forward from the nearest earlier one that is kept, or back from the nearest later one by the hashes that headers hold of
   * the one before.
   *
   * @throws CONFLICTING_HEADERS an attack was found, now or before; TRUST_EXPIRED give a newer checkpoint; UNREACHABLE no witness has the header;
   *   HEADER_FUTURE; TRUST_ROOT another checkpoint says otherwise; NOT_FOUND, PRUNED, TIMEOUT and what `verify` throws, of the last provider asked
   */
  verifyToHeight(height: number, { signal = new AbortController().signal }: CallSignal = {}): Promise<VerifiedHeader> {
    if (!Number.isSafeInteger(height) || height < 1) {
      throw new PerigeeError('INVALID_ARGUMENT', `there is no height ${height}; heights start at 1`);
    }
    return this.#inTurn(async () => {
      const kept = height === this.latest.header.height ? this.latest : await this.#store.at(height);
      if (kept !== undefined) return kept;
      if (height > this.latest.header.height) return this.#forward(this.latest, height, signal);
      const before = await this.#store.before(height);
      if (before !== undefined && !this.#isExpired(before)) return this.#forward(before, height, signal);
      const after = (await this.#store.after(height)) ?? this.latest;
      const verified = await this.#providers.ask((primary) => this.#verification.backwards(primary, after, height, signal));
      this.#checkPinned(verified);
      return verified;
    });
  }

  /**
   * Verifies a header that came from elsewhere.
   *
   * @throws HEADER_HASH when the chain has another one at that height; what `verifyToHeight` throws
   */
  async verifyHeader(header: Unverified<Header>, options: CallSignal = {}): Promise<VerifiedHeader> {
    const { height } = contentOf(header);
    const verified = await this.verifyToHeight(height, options);
    if (!equal(headerHash(contentOf(header)), verified.headerHash)) {
      throw new PerigeeError('HEADER_HASH', `header ${height} is not the one of the chain, ${toHex(verified.headerHash)}`);
    }
    return verified;
  }

  /** @internal `verifiedTx`. Asks a node that is no provider, for no longer than one. @throws TIMEOUT, ABORTED, what it throws */
  askInTime<T>(question: (options: ProviderOptions) => Promise<T>, signal: AbortSignal): Promise<T> {
    return limited(this.#options.clock, REQUEST_TIMEOUT_MS, signal, (until) => question({ signal: until }));
  }

  /** @internal `createLightClient` */
  async begin(signal: AbortSignal): Promise<void> {
    const { checkpoints, chainId } = this.#options;
    const [root] = checkpoints.toSorted((a, b) => b.height - a.height);
    if (root === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'a light client needs a checkpoint to begin with');
    const kept = await this.#resumable(root);
    if (kept !== undefined && !(await this.#isPassed(root.height))) {
      this.#latest = kept;
      return;
    }
    try {
      this.#latest = await this.#anchor({ ...root, chainId }, signal);
    } catch (error) {
      // what has expired vouches for nothing, and speaks against nothing
      if (kept === undefined || PerigeeError.from(error).code !== 'TRUST_EXPIRED') throw error;
      this.#latest = kept;
      return;
    }
    await this.#store.clear();
    await this.#store.keep(this.#latest);
  }

  /** The header of a checkpoint, verified and compared. */
  async #anchor(root: TrustAnchor, signal: AbortSignal): Promise<VerifiedLightBlock> {
    const block = await this.#providers.ask(async (primary) => {
      const fetched = await this.#verification.fetchBlock(primary, root.height, signal);
      return this.#verification.anchor(root, fetched);
    });
    for (const { witness, testimony } of await this.#detector.hear(this.#providers.witnesses, block, signal)) {
      if (testimony.kind === 'wrong') this.#providers.dropWitness(witness);
      if (testimony.kind !== 'other') continue;
      throw new PerigeeError(
        'CONFLICTING_HEADERS',
        `${witness.name} has another header at the checkpoint ${root.height}; check the checkpoint, or give another witness`,
        { data: { height: root.height } },
      );
    }
    this.#providers.requireWitness();
    return block;
  }

  /** Whether what is kept began before a height and went past it without looking: it may be of another chain than a checkpoint there. */
  async #isPassed(height: number): Promise<boolean> {
    return (await this.#store.at(height)) === undefined && (await this.#store.before(height)) !== undefined;
  }

  /** What an earlier run ended with, if it can be gone on from: a checkpoint that is later, or says otherwise, takes its place. */
  async #resumable(root: Checkpoint): Promise<VerifiedLightBlock | undefined> {
    const kept = await this.#store.latest();
    if (kept === undefined || kept.header.height < root.height || this.#isExpired(kept)) return undefined;
    for (const { height, headerHash } of this.#options.checkpoints) {
      const pinned = await this.#store.at(height);
      if (pinned !== undefined && !equal(pinned.headerHash, headerHash)) return undefined;
    }
    return kept;
  }

  /** @param height 0 is the latest of the primary */
  async #forward(from: VerifiedLightBlock, height: number, signal: AbortSignal): Promise<VerifiedLightBlock> {
    this.#providers.requireWitness();
    this.#verification.know(from);
    const trace = await this.#providers.ask(async (primary) => {
      const target = await this.#verification.fetchBlock(primary, height, signal);
      if (target.height <= from.header.height) return [from];
      const blocks = await this.#verification.trace(primary, from, target, signal);
      for (const block of blocks) this.#checkPinned(block);
      return blocks;
    });
    const target = trace.at(-1);
    if (target === undefined || target === from) return from;
    const { primary, witnesses } = this.#providers;
    const { same, split, wrong } = await this.#detector.compare(trace, primary, witnesses, signal);
    if (split !== undefined) return this.#halt(split, signal);
    for (const witness of wrong) this.#providers.dropWitness(witness);
    if (same === 0) {
      throw new PerigeeError(
        'UNREACHABLE',
        `no witness has header ${target.header.height}, so it may be one that only we are shown`,
      );
    }
    await this.#store.keep(target);
    if (target.header.height > this.latest.header.height) this.#latest = target;
    return target;
  }

  /** Ends the client first, and then sees to the evidence. */
  async #halt(split: Split, signal: AbortSignal): Promise<never> {
    const height = split.primaryBlock.header.height;
    const found = `${split.primary.name} and ${split.witness.name} have different headers ${height}, both signed by the validators`;
    this.#halted = new PerigeeError(
      'CONFLICTING_HEADERS',
      `${found}; nothing of this chain can be believed until it is known which is right`,
      {
        data: { height },
      },
    );
    this.#attack = await this.#detector.report(split, signal);
    this.#halted = new PerigeeError('CONFLICTING_HEADERS', this.#halted.message, {
      data: { height, kind: this.#attack.againstPrimary.kind },
    });
    this.#options.onAttack?.(this.#attack);
    throw this.#halted;
  }

  /** @throws TRUST_ROOT when a checkpoint of that height is another header */
  #checkPinned({ header, headerHash }: VerifiedHeader): void {
    const pinned = this.#options.checkpoints.find(({ height }) => height === header.height);
    if (pinned === undefined || equal(pinned.headerHash, headerHash)) return;
    throw new PerigeeError(
      'TRUST_ROOT',
      `header ${header.height} has hash ${toHex(headerHash)}, and the checkpoint says ${toHex(pinned.headerHash)}`,
    );
  }

  #isExpired({ header }: VerifiedHeader): boolean {
    const { clock, trustingPeriodMs = TRUSTING_PERIOD_MS } = this.#options;
    return unixMs(header.time) + trustingPeriodMs <= clock.now();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn.take(async () => {
      if (this.#halted !== undefined) throw this.#halted;
      return work();
    });
  }
}
