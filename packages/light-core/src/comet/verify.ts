/**
 * Verification of a header by an earlier one that is trusted (CometBFT `light/verifier.go`; light client specification, "Core
 * verification"). Pure: the clock and the signature verifier are arguments.
 */
import {
  equal,
  type Header,
  type HeaderAnswer,
  MAX_CLOCK_DRIFT_MS,
  PerigeeError,
  type Timestamp,
  TRUSTING_PERIOD_MS,
} from '@perigee/wire';
import type { VerifyEd25519 } from '../signature/index.ts';
import { checkLightBlock, type LightBlock } from './light-block.ts';
import { type FindValidatorSet, setsOf } from './set-cache.ts';
import { type CheckedSignatures, type Fraction, hasSigned } from './tally.ts';
import { formatTime, unixNanos } from './time.ts';
import type { Unverified } from './unverified.ts';
import { markVerified, type VerifiedHeader, type VerifiedLightBlock } from './verified.ts';

export interface VerifyOptions {
  /** Local clock, milliseconds since 1970. */
  readonly now: number;
  readonly verifyEd25519: VerifyEd25519;
  /** How long a header vouches for later ones, milliseconds; well below the unbonding time, else those who lie can no longer be punished. */
  readonly trustingPeriodMs?: number;
  /** How far a header may be ahead of the local clock, milliseconds. */
  readonly clockDriftMs?: number;
  /** Share of the trusted set that must have signed when headers are skipped: 1/3 (at least one honest validator) to 1. */
  readonly trustLevel?: Fraction;
  /** Sets whose hashes were checked before, besides those of the trusted header (`ValidatorSetCache`). */
  readonly knownSets?: FindValidatorSet;
}

const ONE_THIRD: Fraction = { numerator: 1n, denominator: 3n };
const TWO_THIRDS: Fraction = { numerator: 2n, denominator: 3n };

/**
 * Verifies `untrusted` by `trusted`: by the validator set that `trusted` announces when it is the next header, else by the power of that set
 * in its commit.
 *
 * @throws TRUST_EXPIRED `trusted` is too old to vouch for anything; a new trust root is needed
 * @throws NOT_ENOUGH_TRUST the sets differ too much for one step; verify a header between first (`skipping.ts`)
 * @throws WRONG_CHAIN, HEADER, HEADER_HASH, HEADER_TIME, HEADER_FUTURE, VALIDATOR_SET, COMMIT, SIGNATURE, NOT_ENOUGH_POWER
 *   the block is not one of this chain, whoever sent it
 * @throws INVALID_ARGUMENT for options out of range
 */
export async function verify(
  trusted: VerifiedLightBlock,
  untrusted: Unverified<HeaderAnswer>,
  options: VerifyOptions,
): Promise<VerifiedLightBlock> {
  const { trustLevel = ONE_THIRD } = options;
  checkTrustLevel(trustLevel);
  checkNotExpired(trusted.header.time, options);
  const block = checkLightBlock(untrusted, trusted.header.chainId, setsOf(trusted, options.knownSets));
  checkLater(trusted, block);
  checkNotFuture(block.header, options);
  const checked: CheckedSignatures = new Set();
  if (block.header.height === trusted.header.height + 1) {
    if (!equal(block.header.validatorsHash, trusted.header.nextValidatorsHash)) {
      throw new PerigeeError(
        'VALIDATOR_SET',
        `header ${block.header.height} names other validators than header ${trusted.header.height} announced`,
      );
    }
  } else if (!(await hasSigned(block, trusted.nextValidators, trustLevel, checked, options.verifyEd25519))) {
    const { numerator, denominator } = trustLevel;
    throw new PerigeeError(
      'NOT_ENOUGH_TRUST',
      `at most ${numerator}/${denominator} of the validators after header ${trusted.header.height} signed header ${block.header.height}; ` +
        'verify a header between them first',
    );
  }
  // last, because this set is the untrusted one: its size is the sender's choice
  await checkOwnCommit(block, checked, options.verifyEd25519);
  return markVerified(block);
}

/** @throws SIGNATURE, NOT_ENOUGH_POWER unless more than two thirds of the block's own validators signed it */
export async function checkOwnCommit(block: LightBlock, checked: CheckedSignatures, verifyEd25519: VerifyEd25519): Promise<void> {
  if (await hasSigned(block, block.validators, TWO_THIRDS, checked, verifyEd25519)) return;
  throw new PerigeeError('NOT_ENOUGH_POWER', `at most 2/3 of the validators of header ${block.header.height} signed it`);
}

/** @throws TRUST_EXPIRED */
export function checkNotExpired(time: Timestamp, options: VerifyOptions): void {
  const { trustingPeriodMs = TRUSTING_PERIOD_MS } = options;
  if (unixNanos(time) + nanosOf(trustingPeriodMs) > nanosOf(options.now)) return;
  throw new PerigeeError(
    'TRUST_EXPIRED',
    `the latest trusted header is of ${formatTime(time)}, longer ago than the trusting period; get a newer trust root from a source you trust`,
  );
}

/** @throws HEADER_FUTURE */
export function checkNotFuture(header: Header, options: VerifyOptions): void {
  const { clockDriftMs = MAX_CLOCK_DRIFT_MS } = options;
  if (unixNanos(header.time) < nanosOf(options.now) + nanosOf(clockDriftMs)) return;
  throw new PerigeeError(
    'HEADER_FUTURE',
    `header ${header.height} is of ${formatTime(header.time)}, more than ${clockDriftMs} ms ahead of the local clock; check the clock`,
  );
}

function checkLater(trusted: VerifiedHeader, { header }: LightBlock): void {
  if (header.height <= trusted.header.height) {
    throw new PerigeeError('HEADER', `header ${header.height} does not come after the trusted header ${trusted.header.height}`);
  }
  if (unixNanos(header.time) <= unixNanos(trusted.header.time)) {
    throw new PerigeeError('HEADER_TIME', `header ${header.height} is not later in time than header ${trusted.header.height}`);
  }
}

function checkTrustLevel({ numerator, denominator }: Fraction): void {
  if (denominator > 0n && 3n * numerator >= denominator && numerator <= denominator) return;
  throw new PerigeeError('INVALID_ARGUMENT', `trust level ${numerator}/${denominator} is not between 1/3 and 1`);
}

function nanosOf(ms: number): bigint {
  if (!Number.isFinite(ms)) throw new PerigeeError('INVALID_ARGUMENT', `${ms} is not a number of milliseconds`);
  return BigInt(Math.floor(ms)) * 1_000_000n;
}
