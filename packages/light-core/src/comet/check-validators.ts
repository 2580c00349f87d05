import { equal, MAX_VALIDATORS, PerigeeError, toHex, type Validator } from '@perigee/wire';
import { validatorAddress, validatorSetHash } from './validator-set.ts';

/** A validator of a set whose hash was checked. */
export interface SigningValidator {
  /** First 20 bytes of the key's SHA-256. */
  readonly address: Uint8Array;
  /** ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** At least 1. */
  readonly votingPower: bigint;
}

/** CometBFT `types.MaxTotalVotingPower`: keeps its sums within 64 bits. */
const MAX_TOTAL_POWER = ((1n << 63n) - 1n) / 8n;

/**
 * A validator set is the one that a header names, and is sound in itself: no validator occurs twice, and each address belongs to its key,
 * which the hash does not cover.
 *
 * @param hash `validators_hash` or `next_validators_hash`
 * @param name of the set, for the error
 * @param known the set of that hash, where it was checked before: the same one is not hashed again
 * @returns the set without the parts that the hash does not cover
 * @throws VALIDATOR_SET
 */
export function checkValidators(
  validators: readonly Validator[],
  hash: Uint8Array,
  name: string,
  known?: readonly SigningValidator[],
): readonly SigningValidator[] {
  if (known !== undefined && isSame(validators, known)) return known;
  const refuse = (why: string): never => {
    throw new PerigeeError('VALIDATOR_SET', `${name}: ${why}`);
  };
  if (validators.length === 0 || validators.length > MAX_VALIDATORS) {
    refuse(`${validators.length} validators; 1 to ${MAX_VALIDATORS} are allowed`);
  }
  const seen = new Set<string>();
  let total = 0n;
  const checked = validators.map(({ publicKey, address, votingPower }, index): SigningValidator => {
    const key = publicKey.ed25519;
    if (key?.length !== 32 || publicKey.secp256k1 !== undefined) return refuse(`validator ${index} has no ed25519 key`);
    if (!equal(validatorAddress(key), address)) refuse(`the address of validator ${index} is not that of its key`);
    if (votingPower < 1n) refuse(`validator ${index} has power ${votingPower}`);
    total += votingPower;
    seen.add(toHex(key));
    return { address, publicKey: key, votingPower };
  });
  if (seen.size !== checked.length) refuse('a validator occurs twice');
  if (total > MAX_TOTAL_POWER) refuse(`total power ${total} is above ${MAX_TOTAL_POWER}`);
  if (!equal(validatorSetHash(validators), hash)) refuse('is not the set that the header names');
  return checked;
}

function isSame(validators: readonly Validator[], known: readonly SigningValidator[]): boolean {
  if (validators.length !== known.length) return false;
  return known.every(({ address, publicKey, votingPower }, i) => {
    const { ed25519, secp256k1 } = validators[i]?.publicKey ?? {};
    return (
      ed25519 !== undefined &&
      secp256k1 === undefined &&
      equal(ed25519, publicKey) &&
      equal(validators[i]?.address ?? ed25519, address) &&
      validators[i]?.votingPower === votingPower
    );
  });
}

export function totalPower(validators: readonly SigningValidator[]): bigint {
  return validators.reduce((sum, { votingPower }) => sum + votingPower, 0n);
}
