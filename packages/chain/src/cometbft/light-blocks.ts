import { headerHash, validatorSetHash } from '@perigee/light-core/comet';
import { equal, type HeaderAnswer, MAX_CACHED_VALIDATOR_SETS, PerigeeError, toHex, type ValidatorSet } from '@perigee/wire';
import type { LatestHeader } from '../chain.ts';
import { RecentCache } from '../recent-cache.ts';
import type { CometRpc } from './rpc.ts';

/** Light blocks that are kept: peers ask for the last ones above all. */
const KEPT = 256;

/** A light block, its parts checked against each other. */
export interface CometLightBlock extends LatestHeader {
  readonly answer: HeaderAnswer;
}

/** Light blocks out of CometBFT's store. */
export class LightBlocks {
  readonly #rpc: CometRpc;
  readonly #chainId: string;
  readonly #blocks = new RecentCache<CometLightBlock>(KEPT);
  /** By their hash, in hexadecimal. */
  readonly #sets = new RecentCache<ValidatorSet>(MAX_CACHED_VALIDATOR_SETS);

  constructor(rpc: CometRpc, chainId: string) {
    this.#rpc = rpc;
    this.#chainId = chainId;
  }

  /**
   * @param hash of the header, where it is known from elsewhere
   * @throws NOT_FOUND; UNREACHABLE, TIMEOUT; PARSE, HEADER_HASH, VALIDATOR_SET, WRONG_CHAIN when what CometBFT tells makes no sense
   */
  async at(height: number, hash?: Uint8Array): Promise<CometLightBlock> {
    const key = String(height);
    const kept = this.#blocks.get(key);
    if (kept !== undefined) return kept;
    const { header, commit } = await this.#rpc.signedHeader(height);
    if (header.chainId !== this.#chainId || header.height !== height) {
      throw new PerigeeError(
        'WRONG_CHAIN',
        `CometBFT gave header ${header.height} of chain "${header.chainId}" for header ${height} of ${this.#chainId}`,
      );
    }
    const own = headerHash(header);
    if (!equal(commit.blockId.hash, own) || (hash !== undefined && !equal(hash, own))) {
      throw new PerigeeError('HEADER_HASH', `CometBFT names another hash for header ${height} than ${toHex(own)}, which it has`);
    }
    const validatorSet = await this.#validators(height, header.validatorsHash);
    const next = equal(header.validatorsHash, header.nextValidatorsHash)
      ? {}
      : { nextValidators: await this.#validators(height + 1, header.nextValidatorsHash) };
    const answer = { block: { signedHeader: { header, commit }, validatorSet }, ...next };
    const block = { height, headerHash: own, header, answer };
    this.#blocks.set(key, block);
    return block;
  }

  async #validators(height: number, hash: Uint8Array): Promise<ValidatorSet> {
    const key = toHex(hash);
    const kept = this.#sets.get(key);
    if (kept !== undefined) return kept;
    // whose turn it is to propose is covered by no hash, and changes with every block
    const validators = (await this.#rpc.validators(height)).map((validator) => ({ ...validator, proposerPriority: 0n }));
    if (!equal(validatorSetHash(validators), hash)) {
      throw new PerigeeError('VALIDATOR_SET', `CometBFT gave other validators of height ${height} than its header names`);
    }
    const set = { validators, totalVotingPower: validators.reduce((sum, { votingPower }) => sum + votingPower, 0n) };
    this.#sets.set(key, set);
    return set;
  }
}
