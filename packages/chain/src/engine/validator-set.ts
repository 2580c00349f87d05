/**
 * Validator sets and the rotation of proposers, as CometBFT v0.38 has them (`types/validator_set.go`; specification "Proposer selection
 * procedure"): every height each validator gains its power, the highest proposes and pays the power of all.
 */
import { sortValidators, validatorAddress } from '@perigee/light-core/comet';
import { compare, PerigeeError, toHex, type Validator, type ValidatorSet } from '@perigee/wire';

/** Priorities may differ by this many times the total power. */
const WINDOW = 2n;

export interface GenesisValidator {
  /** ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly power: bigint;
}

/** The set of the first block. */
export function newValidatorSet(genesis: readonly GenesisValidator[]): ValidatorSet {
  const validators = sortValidators(
    genesis.map(({ publicKey, power }) => ({
      address: validatorAddress(publicKey),
      publicKey: { ed25519: publicKey },
      votingPower: power,
      // all start alike, so only their differences, which are none, matter
      proposerPriority: 0n,
    })),
  );
  return rotate({ validators, totalVotingPower: totalPower(validators) });
}

/** The same validators one height on, with the next proposer. */
export function rotate(set: ValidatorSet): ValidatorSet {
  const total = set.totalVotingPower;
  const gained = centred(rescaled(set.validators, WINDOW * total)).map((validator) => ({
    ...validator,
    proposerPriority: validator.proposerPriority + validator.votingPower,
  }));
  const due = gained.reduce((best, validator) => (goesBefore(validator, best) ? validator : best));
  const proposer = { ...due, proposerPriority: due.proposerPriority - total };
  return { ...set, validators: gained.map((validator) => (validator === due ? proposer : validator)), proposer };
}

/** A change of the power of a validator; `0` takes it out. */
export interface PowerChange {
  readonly publicKey: { readonly ed25519?: Uint8Array | undefined };
  readonly power: number | bigint;
}

/**
 * The same validators with other powers. Their priorities stay, as CometBFT has it.
 *
 * @throws UNSUPPORTED for one that joins or leaves: the engine has the keys of those of genesis only
 */
export function withPowers(set: ValidatorSet, changes: readonly PowerChange[]): ValidatorSet {
  if (changes.length === 0) return set;
  const powers = new Map(changes.map(({ publicKey, power }) => [toHex(publicKey.ed25519 ?? new Uint8Array(0)), BigInt(power)]));
  const validators = set.validators.map((validator) => {
    const key = toHex(validator.publicKey.ed25519 ?? new Uint8Array(0));
    const votingPower = powers.get(key) ?? validator.votingPower;
    powers.delete(key);
    return { ...validator, votingPower };
  });
  if (powers.size > 0 || validators.some(({ votingPower }) => votingPower <= 0n)) {
    throw new PerigeeError(
      'UNSUPPORTED',
      'the embedded engine has the keys of its genesis validators only; use CometBFT to change them',
    );
  }
  return { ...set, validators: sortValidators(validators), totalVotingPower: totalPower(validators) };
}

export function proposerOf({ proposer }: ValidatorSet): Validator {
  if (proposer === undefined) throw new PerigeeError('VALIDATOR_SET', 'the validator set has no proposer');
  return proposer;
}

function totalPower(validators: readonly Validator[]): bigint {
  return validators.reduce((sum, { votingPower }) => sum + votingPower, 0n);
}

/** Of equals, the smaller address proposes. */
function goesBefore(a: Validator, b: Validator): boolean {
  if (a.proposerPriority !== b.proposerPriority) return a.proposerPriority > b.proposerPriority;
  return compare(a.address, b.address) < 0;
}

function rescaled(validators: readonly Validator[], window: bigint): readonly Validator[] {
  const priorities = validators.map(({ proposerPriority }) => proposerPriority);
  const spread = priorities.reduce((a, b) => (a > b ? a : b)) - priorities.reduce((a, b) => (a < b ? a : b));
  if (spread <= window) return validators;
  const ratio = (spread + window - 1n) / window;
  return validators.map((validator) => ({ ...validator, proposerPriority: validator.proposerPriority / ratio }));
}

function centred(validators: readonly Validator[]): readonly Validator[] {
  const sum = validators.reduce((total, { proposerPriority }) => total + proposerPriority, 0n);
  const count = BigInt(validators.length);
  // Go divides big integers downwards, bigint towards zero
  const average = sum / count - (sum % count < 0n ? 1n : 0n);
  return validators.map((validator) => ({ ...validator, proposerPriority: validator.proposerPriority - average }));
}
