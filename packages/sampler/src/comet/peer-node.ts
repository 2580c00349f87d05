import { type Unverified, unverified } from '@perigee/light-core/comet';
import type { LightProvider, ProviderOptions } from '@perigee/light-core/comet/client';
import { type Host, headersProtocol, type KnownPeer, open } from '@perigee/net';
import { type HeaderAnswer, PerigeeError, type SignedHeader, type ValidatorSet } from '@perigee/wire';

/** Answers that are remembered: a header and its sets come together, and are asked for one after another. */
const REMEMBERED = 4;

/** A peer of our own network as a provider: one answer of its headers protocol has header, commit and sets. */
export class PeerNode implements LightProvider {
  readonly name: string;
  readonly #host: Host;
  readonly #peer: KnownPeer;
  /** By height. */
  readonly #answers = new Map<number, HeaderAnswer>();

  constructor(host: Host, peer: KnownPeer) {
    this.#host = host;
    this.#peer = peer;
    this.name = peer.peerId;
  }

  async signedHeader(height: number, options: ProviderOptions): Promise<Unverified<SignedHeader>> {
    const { block } = await this.#ask(height, options);
    return unverified(block.signedHeader ?? {});
  }

  async validators(height: number, options: ProviderOptions): Promise<Unverified<ValidatorSet>> {
    const before = this.#answers.get(height - 1);
    if (before !== undefined) return this.#given(before.nextValidators ?? before.block.validatorSet, height);
    const { block } = this.#answers.get(height) ?? (await this.#ask(height, options));
    return this.#given(block.validatorSet, height);
  }

  async #ask(height: number, options: ProviderOptions): Promise<HeaderAnswer> {
    const answer = await open(this.#host, this.#peer, headersProtocol).callOne({ height, count: 1 }, options);
    const given = answer.block.signedHeader?.header?.height;
    if (given !== undefined) this.#answers.set(given, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }

  #given(set: ValidatorSet | undefined, height: number): Unverified<ValidatorSet> {
    if (set === undefined) throw new PerigeeError('VALIDATOR_SET', `${this.name} gave no validators of height ${height}`);
    return unverified(set);
  }
}
