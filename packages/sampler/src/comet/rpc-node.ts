import {
  blockResultsFromJson,
  evidenceToJson,
  signedHeaderFromJson,
  type ToldTx,
  type TxResult,
  toBase64,
  txFromJson,
  type Unverified,
  unverified,
  validatorsPageFromJson,
} from '@perigee/light-core/comet';
import type { LightProvider, ProviderOptions, TxProvider } from '@perigee/light-core/comet/client';
import { callRpc, type Fetch } from '@perigee/net/json-rpc';
import {
  type CometEvidence,
  MAX_VALIDATORS,
  PerigeeError,
  type SignedHeader,
  type Validator,
  type ValidatorSet,
} from '@perigee/wire';

/** CometBFT's own limit. */
const VALIDATORS_A_PAGE = 100;

export interface RpcNodeOptions {
  /** Of its RPC, such as `https://rpc.example.org` or `http://127.0.0.1:26657`. */
  readonly url: string;
  /** Default: the one of the platform. */
  readonly fetch?: Fetch;
}

/** A CometBFT 0.38 node by its JSON-RPC: what a light client asks, and transactions with what proves them. */
export class RpcNode implements LightProvider, TxProvider {
  readonly name: string;
  readonly #fetch: Fetch;

  constructor({ url, fetch = (input, init) => globalThis.fetch(input, init) }: RpcNodeOptions) {
    this.name = url;
    this.#fetch = fetch;
  }

  async signedHeader(height: number, { signal }: ProviderOptions): Promise<Unverified<SignedHeader>> {
    return unverified(signedHeaderFromJson(await this.#call('commit', at(height), signal)));
  }

  async validators(height: number, { signal }: ProviderOptions): Promise<Unverified<ValidatorSet>> {
    const validators: Validator[] = [];
    for (let page = 1, total = 1; validators.length < total; page++) {
      const params = { ...at(height), page: String(page), per_page: String(VALIDATORS_A_PAGE) };
      const told = validatorsPageFromJson(await this.#call('validators', params, signal));
      if (told.height !== height) {
        throw new PerigeeError('PARSE', `validators of ${height} were asked of ${this.name}, and those of ${told.height} came`);
      }
      if (told.total > MAX_VALIDATORS) {
        throw new PerigeeError('VALIDATOR_SET', `${told.total} validators; at most ${MAX_VALIDATORS} are allowed`);
      }
      if (told.validators.length === 0 || validators.length + told.validators.length > told.total) {
        throw new PerigeeError('PARSE', `${this.name} announced ${told.total} validators and does not give as many`);
      }
      validators.push(...told.validators);
      total = told.total;
    }
    return unverified({ validators, totalVotingPower: 0n });
  }

  async reportEvidence(evidence: CometEvidence, { signal }: ProviderOptions): Promise<void> {
    await this.#call('broadcast_evidence', { evidence: evidenceToJson(evidence) }, signal);
  }

  async tx(hash: Uint8Array, { signal }: ProviderOptions): Promise<Unverified<ToldTx>> {
    return unverified(txFromJson(await this.#call('tx', { hash: toBase64(hash), prove: true }, signal)));
  }

  async blockResults(height: number, { signal }: ProviderOptions): Promise<Unverified<readonly TxResult[]>> {
    return unverified(blockResultsFromJson(await this.#call('block_results', at(height), signal)));
  }

  #call(method: string, params: { readonly [name: string]: unknown }, signal: AbortSignal): Promise<unknown> {
    return callRpc(this.#fetch, this.name, method, params, signal);
  }
}

/** @param height 0 is the latest, which a request without a height asks for */
function at(height: number): { readonly [name: string]: string } {
  return height === 0 ? {} : { height: String(height) };
}
