import { BLOCK_ID_FLAG, type Commit, type CommitSig, equal, type Infer, PerigeeError } from '@perigee/wire';
import type { SigningValidator } from './check-validators.ts';
import { isTimestamp, ZERO_TIME } from './time.ts';

const SIGNATURE_BYTES = 64;
const HASH_BYTES = 32;
/** CometBFT counts rounds in an int32. */
const MAX_ROUND = 0x7fffffff;

/**
 * The form of a commit (CometBFT `types.Commit.ValidateBasic`), and that signature `i` is by validator `i`: with no validator twice in a set,
 * no one can then sign twice. The signatures themselves are not looked at.
 *
 * @param height of the header that it is for
 * @param headerHash of that header
 * @throws COMMIT, HEADER_HASH
 */
export function checkCommit(
  commit: Commit,
  height: number,
  headerHash: Uint8Array,
  validators: readonly SigningValidator[],
): void {
  const refuse = (why: string): never => {
    throw new PerigeeError('COMMIT', `commit for header ${height}: ${why}`);
  };
  if (commit.height !== height) refuse(`is for height ${commit.height}`);
  if (commit.round < 0 || commit.round > MAX_ROUND) refuse(`round ${commit.round} does not exist`);
  if (!equal(commit.blockId.hash, headerHash)) {
    throw new PerigeeError('HEADER_HASH', `commit for header ${height} is for another header of this height`);
  }
  const parts = commit.blockId.partSetHeader;
  if (parts.total < 1 || parts.hash.length !== HASH_BYTES) refuse('names no parts of its block');
  if (commit.signatures.length !== validators.length) {
    refuse(`has ${commit.signatures.length} signatures for ${validators.length} validators`);
  }
  for (const [index, signature] of commit.signatures.entries()) {
    const wrong = wrongSignatureForm(signature, validators[index]);
    if (wrong !== undefined) refuse(`signature ${index} ${wrong}`);
  }
}

function wrongSignatureForm(signature: Infer<typeof CommitSig>, validator: SigningValidator | undefined): string | undefined {
  const { blockIdFlag, validatorAddress, timestamp } = signature;
  if (blockIdFlag === BLOCK_ID_FLAG.absent) {
    const isZero = timestamp.seconds === ZERO_TIME.seconds && timestamp.nanos === 0;
    const isEmpty = validatorAddress.length === 0 && signature.signature.length === 0 && isZero;
    return isEmpty ? undefined : 'is marked absent and has content';
  }
  if (blockIdFlag !== BLOCK_ID_FLAG.commit && blockIdFlag !== BLOCK_ID_FLAG.nil) return `has flag ${blockIdFlag}`;
  if (validator === undefined || !equal(validatorAddress, validator.address)) return 'is not by the validator at its place';
  if (signature.signature.length !== SIGNATURE_BYTES) return `has ${signature.signature.length} bytes, not ${SIGNATURE_BYTES}`;
  if (!isTimestamp(timestamp)) return 'has a time outside the years 1 to 9999';
  return undefined;
}
