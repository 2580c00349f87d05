import { SLASH_POOL, STAKE_POOL } from '@perigee/light-core/state';
import { equal, type StakingParams, toHex, type Unbonding } from '@perigee/wire';
import type { Event, Misbehavior } from '../application/index.ts';
import type { StateView } from '../state/index.ts';
import { moveTokens } from './accounts.ts';
import { ownerOf, readList, readValidator, stakeOf, TOKEN, writeValidator } from './validators.ts';

/** Updates of block h are in force from block h + 2: what was unbonded one block before an infraction still stood behind it. */
const UPDATE_DELAY = 1;
const BASIS_POINTS = 10_000n;

/**
 * Punish what consensus proved: a share of the stake that stood behind the false signature is taken, from what has been unbonding since then first, and the
 * validator has no power any more. Once for each validator: of one that is tombstoned nothing more can be proved to come.
 *
 * @returns events of type `slash`, for each validator that was punished
 */
export function punish(view: StateView, staking: StakingParams, misbehavior: readonly Misbehavior[]): Event[] {
  return misbehavior.flatMap((fault) => {
    const account = ownerOf(view, fault.validator.address);
    const validator = account === undefined ? undefined : readValidator(view, account);
    if (account === undefined || validator === undefined || validator.tombstoned) return [];
    const share = BigInt(fault.type === 'duplicateVote' ? staking.slashDuplicateVote : staking.slashLightClientAttack);
    const due = (stakeOf(fault.validator.power) * share) / BASIS_POINTS;
    const { taken, unbonding } = slashUnbonding(validator.unbonding, fault.height, share, due);
    // the last validator keeps a token and its power: consensus stops without one
    const last = readList(view).every(({ address }) => equal(address, account));
    const fromStake = min(due - taken, last ? validator.stake - TOKEN : validator.stake);
    moveTokens(view, STAKE_POOL, SLASH_POOL, taken + fromStake);
    writeValidator(view, account, { ...validator, stake: validator.stake - fromStake, unbonding, tombstoned: !last });
    return [slashEvent(fault, account, taken + fromStake)];
  });
}

function slashUnbonding(
  entries: readonly Unbonding[],
  infractionHeight: number,
  share: bigint,
  due: bigint,
): { taken: bigint; unbonding: Unbonding[] } {
  let taken = 0n;
  const unbonding = entries.map((entry) => {
    if (entry.startHeight + UPDATE_DELAY < infractionHeight) return entry;
    const loss = min((entry.amount * share) / BASIS_POINTS, due - taken);
    taken += loss;
    return { ...entry, amount: entry.amount - loss };
  });
  return { taken, unbonding };
}

function slashEvent({ type, height }: Misbehavior, account: Uint8Array, amount: bigint): Event {
  const attributes = { account: toHex(account), reason: type, height: String(height), amount: String(amount) };
  return { type: 'slash', attributes: Object.entries(attributes).map(([key, value]) => ({ key, value, index: true })) };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
