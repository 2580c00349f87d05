import { validatorAddress } from '@perigee/light-core/comet';
import { isKeyless } from '@perigee/light-core/state';
import {
  type AppState,
  compare,
  equal,
  type InitChain,
  keyText,
  MAX_STAKED_SUPPLY_TOKENS,
  MAX_UNBONDING,
  PerigeeError,
  type StakingParams,
  TOKEN_DECIMALS,
  TRUSTING_PERIOD_MS,
  toHex,
} from '@perigee/wire';

const TOKEN = 10n ** BigInt(TOKEN_DECIMALS);

/**
 * Check the rules of stake against what consensus goes by.
 *
 * @returns what is staked from the beginning, smallest units
 * @throws GENESIS
 */
export function checkStaking(
  staking: StakingParams,
  initChain: InitChain,
  { accounts, maxRetentionBlocks, development }: AppState,
): bigint {
  const { unbondingBlocks, unbondingSeconds, maxValidators, stakes } = staking;
  const evidence = initChain.consensusParams?.evidence;
  if (evidence === undefined) throw bad('consensus parameters do not say how long evidence is valid');
  // what unbonds in block h still signs block h + 1
  if (unbondingBlocks <= evidence.maxAgeNumBlocks || unbondingSeconds <= evidence.maxAgeDuration.seconds) {
    throw bad(
      `stake must unbond for more than ${evidence.maxAgeNumBlocks} blocks and ${evidence.maxAgeDuration.seconds} s: so long evidence is valid`,
    );
  }
  // who has taken the stake back could sign another chain, and lose nothing, to all who trust the validators of then
  if (!development && evidence.maxAgeDuration.seconds * 1_000 < TRUSTING_PERIOD_MS) {
    throw bad(
      `evidence is valid for ${evidence.maxAgeDuration.seconds} s; light clients trust for ${TRUSTING_PERIOD_MS / 1_000} s`,
    );
  }
  if (unbondingBlocks < maxRetentionBlocks) throw bad('stake unbonds sooner than the blobs expire that were promised with it');
  if (Math.max(unbondingBlocks, unbondingSeconds) > MAX_UNBONDING)
    throw bad(`stake unbonds for more than ${MAX_UNBONDING} blocks or seconds`);
  if (maxValidators < 1) throw bad('there is room for no validator');
  const keys = new Set<string>();
  stakes.forEach(({ address, validatorKey, committeeKey, amount }, i) => {
    const before = stakes[i - 1];
    if (before !== undefined && compare(before.address, address) >= 0) throw bad('stakes are not ascending by address');
    if (isKeyless(address)) throw bad(`address ${keyText(address)} is the chain's own, and stakes nothing`);
    if (amount < TOKEN) throw bad(`account ${keyText(address)} stakes less than one whole token`);
    for (const key of [validatorAddress(validatorKey), ...(committeeKey === undefined ? [] : [committeeKey])])
      keys.add(toHex(key));
  });
  if (keys.size !== stakes.reduce((sum, { committeeKey }) => sum + (committeeKey === undefined ? 1 : 2), 0)) {
    throw bad('two stakes share a key');
  }
  const active = stakes.toSorted((a, b) => Number(b.amount / TOKEN - a.amount / TOKEN)).slice(0, maxValidators);
  const same =
    active.length === initChain.validators.length &&
    active.every(({ validatorKey, amount }) =>
      initChain.validators.some(
        ({ publicKey, power }) => equal(publicKey.ed25519 ?? new Uint8Array(0), validatorKey) && BigInt(power) === amount / TOKEN,
      ),
    );
  if (!same) throw bad('the validators of consensus are not those with the most stake, with a power of its whole tokens');
  const staked = stakes.reduce((sum, { amount }) => sum + amount, 0n);
  const supply = accounts.reduce((sum, { balance }) => sum + balance, staked);
  if (supply / TOKEN > MAX_STAKED_SUPPLY_TOKENS) throw bad(`a chain with stake has at most ${MAX_STAKED_SUPPLY_TOKENS} tokens`);
  return staked;
}

function bad(what: string): PerigeeError {
  return new PerigeeError('GENESIS', `genesis cannot be used: ${what}`);
}
