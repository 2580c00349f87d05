import { equal, MAX_CACHED_VALIDATOR_SETS, toHex } from '@perigee/wire';
import type { SigningValidator } from './check-validators.ts';
import type { VerifiedLightBlock } from './verified.ts';

/** Gives the validator set of a hash where it is known; hashing one again costs more than comparing it. */
export type FindValidatorSet = (hash: Uint8Array) => readonly SigningValidator[] | undefined;

/** Validator sets by hash, those used longest ago go first. Only sets whose hash was checked belong in here. */
export class ValidatorSetCache {
  readonly #sets = new Map<string, readonly SigningValidator[]>();

  find(hash: Uint8Array): readonly SigningValidator[] | undefined {
    const name = toHex(hash);
    const set = this.#sets.get(name);
    if (set !== undefined) this.#touch(name, set);
    return set;
  }

  /** Takes both sets of a block. */
  keep({ header, validators, nextValidators }: VerifiedLightBlock): void {
    this.#touch(toHex(header.validatorsHash), validators);
    this.#touch(toHex(header.nextValidatorsHash), nextValidators);
  }

  #touch(name: string, set: readonly SigningValidator[]): void {
    this.#sets.delete(name);
    this.#sets.set(name, set);
    const [oldest] = this.#sets.keys();
    if (this.#sets.size > MAX_CACHED_VALIDATOR_SETS && oldest !== undefined) this.#sets.delete(oldest);
  }
}

/** Knows the two sets of a block, and those of `others`. */
export function setsOf({ header, validators, nextValidators }: VerifiedLightBlock, others?: FindValidatorSet): FindValidatorSet {
  return (hash) => {
    if (equal(hash, header.nextValidatorsHash)) return nextValidators;
    if (equal(hash, header.validatorsHash)) return validators;
    return others?.(hash);
  };
}
