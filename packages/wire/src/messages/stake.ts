/** What the state holds of validators, all in store `account`. Amounts are smallest units, power is whole tokens. */
import { MAX_RELEASES_PER_BLOCK, MAX_STAKERS, MAX_UNBONDINGS } from '../limits.ts';
import { bool, embedded, fixedBytes, type Infer, message, optional, repeated, uint53, uint128 } from '../proto/index.ts';

/** Tokens on their way back from a validator. They can still be slashed. */
export const Unbonding = message('Unbonding', {
  amount: [1, uint128()],
  /** Height of the block that took them out of the stake. */
  startHeight: [2, uint53()],
  /** They are free at the first block that has this height and this time (seconds since 1970). */
  releaseHeight: [3, uint53()],
  releaseTime: [4, uint53()],
});
export type Unbonding = Infer<typeof Unbonding>;

/** A validator, under `v/<address of its account>`. */
export const StakedValidator = message('StakedValidator', {
  validatorKey: [1, fixedBytes(32)],
  committeeKey: [2, optional(fixedBytes(32))],
  stake: [3, uint128()],
  /** In the order in which they began. */
  unbonding: [4, repeated(embedded(Unbonding), MAX_UNBONDINGS)],
  /** It signed two blocks of one height, or attacked light clients: it never has power again. */
  tombstoned: [5, bool()],
});
export type StakedValidator = Infer<typeof StakedValidator>;

/** Validators with power, ascending by address, under `validators`: those that the chain may give to consensus. */
export const ValidatorList = message('ValidatorList', {
  validators: [
    1,
    repeated(
      embedded(
        message('ListedValidator', {
          /** Of its account. */
          address: [1, fixedBytes(20)],
          validatorKey: [2, fixedBytes(32)],
          power: [3, uint53()],
        }),
      ),
      MAX_STAKERS,
    ),
  ],
});
export type ValidatorList = Infer<typeof ValidatorList>;
export type ListedValidator = ValidatorList['validators'][number];

/** Accounts with tokens to be released at a height, under `q/<u64be height>`. */
export const ReleaseQueue = message('ReleaseQueue', { addresses: [1, repeated(fixedBytes(20), MAX_RELEASES_PER_BLOCK)] });
export type ReleaseQueue = Infer<typeof ReleaseQueue>;
