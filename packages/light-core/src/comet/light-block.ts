import { type Commit, equal, type Header, type HeaderAnswer, PerigeeError, type ValidatorSet } from '@perigee/wire';
import { checkCommit } from './check-commit.ts';
import { checkHeader } from './check-header.ts';
import { checkValidators, type SigningValidator } from './check-validators.ts';
import { headerHash } from './header-hash.ts';
import type { FindValidatorSet } from './set-cache.ts';
import { contentOf, type Unverified } from './unverified.ts';

/** A header with what is needed to verify it and to verify later ones by it. */
export interface LightBlock {
  readonly header: Header;
  readonly headerHash: Uint8Array;
  /** Its signatures were verified only as far as the verification needed them. */
  readonly commit: Commit;
  /** Set of this height, in its order. */
  readonly validators: readonly SigningValidator[];
  /** Set of the next height; the one to trust when headers are skipped. */
  readonly nextValidators: readonly SigningValidator[];
}

/**
 * All that can be said of a light block without trusting anything and without a signature: its parts are there, well-formed, and belong
 * together. Costs about two hashes a validator of a set that is not known.
 *
 * @param known sets that were checked before
 * @throws HEADER, WRONG_CHAIN, VALIDATOR_SET, COMMIT, HEADER_HASH
 */
export function checkLightBlock(
  answer: Unverified<HeaderAnswer>,
  chainId: string,
  known: FindValidatorSet = () => undefined,
): LightBlock {
  const { block, nextValidators } = contentOf(answer);
  const { header, commit } = block.signedHeader ?? {};
  if (header === undefined) throw new PerigeeError('HEADER', 'the light block has no header');
  checkHeader(header, chainId);
  const at = `header ${header.height}`;
  if (commit === undefined) throw new PerigeeError('COMMIT', `the light block of ${at} has no commit`);
  if (block.validatorSet === undefined) throw new PerigeeError('VALIDATOR_SET', `the light block of ${at} has no validators`);
  const { validatorsHash } = header;
  const validators = checkValidators(block.validatorSet.validators, validatorsHash, `validators of ${at}`, known(validatorsHash));
  const hash = headerHash(header);
  checkCommit(commit, header.height, hash, validators);
  return { header, headerHash: hash, commit, validators, nextValidators: checkNext(header, validators, nextValidators, known) };
}

/** An unchanged set need not be sent twice, and is not looked at when it was. */
function checkNext(
  header: Header,
  validators: readonly SigningValidator[],
  next: ValidatorSet | undefined,
  known: FindValidatorSet,
): readonly SigningValidator[] {
  if (equal(header.validatorsHash, header.nextValidatorsHash)) return validators;
  if (next === undefined) {
    throw new PerigeeError('VALIDATOR_SET', `header ${header.height} announces other validators, and the light block lacks them`);
  }
  const { height, nextValidatorsHash } = header;
  return checkValidators(next.validators, nextValidatorsHash, `next validators of header ${height}`, known(nextValidatorsHash));
}
