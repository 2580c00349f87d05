import type { CometEvidence, SignedHeader, ValidatorSet } from '@perigee/wire';
import type { Unverified } from '../unverified.ts';

export interface ProviderOptions {
  readonly signal: AbortSignal;
}

/**
 * One full node of the chain, whatever the way to it. Nothing that it gives is believed. All methods throw NOT_FOUND for a height that it does not have yet,
 * PRUNED for one that it has no more, UNREACHABLE, TIMEOUT, BUSY or REFUSED where it does not answer, and PARSE and the like for nonsense.
 */
export interface LightProvider {
  /** Tells it from others, in errors and reports. */
  readonly name: string;
  /**
   * A header with any commit for it: that of the latest block is what the node happened to see, and serves as well.
   *
   * @param height 0 is its latest
   */
  signedHeader(height: number, options: ProviderOptions): Promise<Unverified<SignedHeader>>;
  /** The set that signs `height`; it is asked for the height after a header's too. */
  validators(height: number, options: ProviderOptions): Promise<Unverified<ValidatorSet>>;
  /** Hands in evidence of misbehaviour, where there is a way to. @throws REFUSED when the node does not take it */
  reportEvidence?(evidence: CometEvidence, options: ProviderOptions): Promise<void>;
}
