import {
  type ErrorCode,
  equal,
  type Header,
  type HeaderAnswer,
  MAX_BACKWARD_STEPS,
  PerigeeError,
  REQUEST_TIMEOUT_MS,
  type SignedHeader,
  type ValidatorSet,
} from '@perigee/wire';
import type { Clock } from '../../roles/index.ts';
import type { VerifyEd25519 } from '../../signature/index.ts';
import { anchor } from '../anchor.ts';
import { checkHeader } from '../check-header.ts';
import { ValidatorSetCache } from '../set-cache.ts';
import { afterNotEnoughTrust, afterVerified, nextHeight, planSkipping } from '../skipping.ts';
import type { Fraction } from '../tally.ts';
import type { TrustAnchor } from '../trust-root.ts';
import { contentOf, type Unverified, unverified } from '../unverified.ts';
import { headerAnswerOf, type VerifiedHeader, type VerifiedLightBlock, validatorSetOf } from '../verified.ts';
import { type VerifyOptions, verify } from '../verify.ts';
import { verifyPrevious } from '../verify-previous.ts';
import { limited } from './limited.ts';
import type { LightProvider, ProviderOptions } from './provider.ts';

/** How the client gets from a trusted header to a later one: by as few headers as it takes, or by all. */
export type VerificationMode = 'skipping' | 'sequential';

export interface VerificationOptions {
  readonly chainId: string;
  readonly clock: Clock;
  readonly verifyEd25519: VerifyEd25519;
  readonly mode?: VerificationMode;
  readonly trustingPeriodMs?: number;
  readonly clockDriftMs?: number;
  readonly trustLevel?: Fraction;
}

/** What a node on the other side may say of itself. Any other code that it sends is only its word for having no answer. */
const TOLD: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['NOT_FOUND', 'PRUNED', 'BUSY', 'REFUSED']);

/** A light block as a provider gave it, whole; of the height that was asked for. */
export interface FetchedBlock {
  readonly height: number;
  readonly answer: Unverified<HeaderAnswer>;
}

/** Fetches blocks of providers and verifies them. Sets that are known by their hash are not asked for again. */
export class Verification {
  readonly #options: VerificationOptions;
  readonly #sets = new ValidatorSetCache();

  constructor(options: VerificationOptions) {
    this.#options = options;
  }

  /** Takes the sets of a verified block: they are not fetched again. */
  know(block: VerifiedLightBlock): VerifiedLightBlock {
    this.#sets.keep(block);
    return block;
  }

  /**
   * A header and its commit, without the sets.
   *
   * @param height 0 is the provider's latest
   * @returns the content of the header may be read, to compare it or to know what else to fetch; nothing of it is verified but its form
   * @throws what the provider throws; TIMEOUT, HEADER, WRONG_CHAIN
   */
  async fetchHeader(
    provider: LightProvider,
    height: number,
    signal: AbortSignal,
  ): Promise<{ readonly header: Header; readonly signedHeader: SignedHeader }> {
    const signedHeader = await this.#request(provider, signal, (options) => provider.signedHeader(height, options));
    const { header } = signedHeader;
    if (header === undefined) throw new PerigeeError('HEADER', `${provider.name} gave no header ${height}`);
    if (height !== 0 && header.height !== height) {
      throw new PerigeeError('HEADER', `header ${height} was asked of ${provider.name}, and header ${header.height} came`);
    }
    checkHeader(header, this.#options.chainId);
    return { header, signedHeader };
  }

  /** A light block with its sets. @param height 0 is the provider's latest @throws what `fetchHeader` throws */
  async fetchBlock(provider: LightProvider, height: number, signal: AbortSignal): Promise<FetchedBlock> {
    const { header, signedHeader } = await this.fetchHeader(provider, height, signal);
    const isStable = equal(header.validatorsHash, header.nextValidatorsHash);
    const [validatorSet, next] = await Promise.all([
      this.#set(provider, header.validatorsHash, header.height, signal),
      isStable ? undefined : this.#set(provider, header.nextValidatorsHash, header.height + 1, signal),
    ]);
    return {
      height: header.height,
      answer: unverified({
        block: { signedHeader, validatorSet },
        ...(next === undefined ? {} : { nextValidators: next }),
      }),
    };
  }

  /** @throws what `anchor` throws */
  async anchor(root: TrustAnchor, block: FetchedBlock): Promise<VerifiedLightBlock> {
    return this.know(await anchor(root, block.answer, this.#verifyOptions()));
  }

  /**
   * The way from a trusted block to a target that the same provider gave.
   *
   * @returns every block that was verified on it, the trusted one first and the target last
   * @throws what `verify` and the provider throw
   */
  async trace(
    provider: LightProvider,
    trusted: VerifiedLightBlock,
    target: FetchedBlock,
    signal: AbortSignal,
  ): Promise<VerifiedLightBlock[]> {
    this.know(trusted);
    return this.#options.mode === 'sequential'
      ? this.#sequential(provider, trusted, target, signal)
      : this.#skipping(provider, trusted, target, signal);
  }

  /**
   * The header of an earlier height, by the hashes that each header holds of the one before.
   *
   * @throws INVALID_ARGUMENT when it lies further back than is allowed; what `verifyPrevious` and the provider throw
   */
  async backwards(
    provider: LightProvider,
    trusted: VerifiedHeader,
    height: number,
    signal: AbortSignal,
  ): Promise<VerifiedHeader> {
    const steps = trusted.header.height - height;
    if (steps > MAX_BACKWARD_STEPS) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `header ${height} lies ${steps} before the nearest trusted one, and at most ${MAX_BACKWARD_STEPS} are gone back; give a checkpoint closer to it`,
      );
    }
    let at = trusted;
    while (at.header.height > height) {
      const { header } = await this.fetchHeader(provider, at.header.height - 1, signal);
      at = verifyPrevious(at, unverified(header));
    }
    return at;
  }

  async #sequential(provider: LightProvider, trusted: VerifiedLightBlock, target: FetchedBlock, signal: AbortSignal) {
    const trace = [trusted];
    for (let at = trusted; at.header.height < target.height; ) {
      const next = at.header.height + 1;
      at = await this.#verify(at, next === target.height ? target : await this.fetchBlock(provider, next, signal));
      trace.push(at);
    }
    return trace;
  }

  async #skipping(provider: LightProvider, trusted: VerifiedLightBlock, target: FetchedBlock, signal: AbortSignal) {
    const trace = [trusted];
    /** Blocks that wait for one between. */
    const pending = new Map([[target.height, target]]);
    let at = trusted;
    let plan = planSkipping(trusted.header.height, target.height);
    for (let next = nextHeight(plan); next !== undefined; next = nextHeight(plan)) {
      const block = pending.get(next) ?? (await this.fetchBlock(provider, next, signal));
      try {
        at = await this.#verify(at, block);
        trace.push(at);
        pending.delete(next);
        plan = afterVerified(plan);
      } catch (error) {
        if (!(error instanceof PerigeeError) || error.code !== 'NOT_ENOUGH_TRUST') throw error;
        pending.set(next, block);
        plan = afterNotEnoughTrust(plan);
      }
    }
    return trace;
  }

  async #verify(trusted: VerifiedLightBlock, block: FetchedBlock): Promise<VerifiedLightBlock> {
    return this.know(await verify(trusted, block.answer, this.#verifyOptions()));
  }

  async #set(provider: LightProvider, hash: Uint8Array, height: number, signal: AbortSignal): Promise<ValidatorSet> {
    const known = this.#sets.find(hash);
    if (known !== undefined) return validatorSetOf(known);
    return this.#request(provider, signal, (options) => provider.validators(height, options));
  }

  async #request<T>(
    provider: LightProvider,
    signal: AbortSignal,
    work: (options: ProviderOptions) => Promise<Unverified<T>>,
  ): Promise<T> {
    try {
      return contentOf(await limited(this.#options.clock, REQUEST_TIMEOUT_MS, signal, (until) => work({ signal: until })));
    } catch (error) {
      if (error instanceof PerigeeError && error.data?.remote !== true) throw error;
      if (error instanceof PerigeeError) throw TOLD.has(error.code) ? error : told(provider, error);
      throw new PerigeeError('UNREACHABLE', `${provider.name} could not be asked: ${PerigeeError.from(error).message}`, {
        cause: error,
      });
    }
  }

  #verifyOptions(): VerifyOptions {
    const { clock, verifyEd25519, trustingPeriodMs, clockDriftMs, trustLevel } = this.#options;
    return {
      now: clock.now(),
      verifyEd25519,
      knownSets: (hash) => this.#sets.find(hash),
      ...(trustingPeriodMs === undefined ? {} : { trustingPeriodMs }),
      ...(clockDriftMs === undefined ? {} : { clockDriftMs }),
      ...(trustLevel === undefined ? {} : { trustLevel }),
    };
  }
}

/** Our clock, our trust and our own failures are nothing that somebody else can tell us of. */
function told({ name }: LightProvider, error: PerigeeError): PerigeeError {
  return new PerigeeError('REFUSED', `${name} gives no answer: ${error.code}: ${error.message}`, {
    data: { remote: true },
    cause: error,
  });
}

/** A verified block as if it had been fetched: to verify it again from elsewhere. */
export function fetchedOf(block: VerifiedLightBlock): FetchedBlock {
  return { height: block.header.height, answer: unverified(headerAnswerOf(block)) };
}
