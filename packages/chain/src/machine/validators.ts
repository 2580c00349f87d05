/** What the state says of validators: read, written, and told to consensus. */
import { validatorAddress } from '@perigee/light-core/comet';
import { committeeOwnerKey, STORE, stakedValidatorKey, VALIDATOR_LIST_KEY, validatorOwnerKey } from '@perigee/light-core/state';
import {
  compare,
  ed25519Address,
  equal,
  type ListedValidator,
  MAX_STAKERS,
  StakedValidator,
  TOKEN_DECIMALS,
  toHex,
  ValidatorList,
  type ValidatorUpdate,
} from '@perigee/wire';
import type { StateReader, StateView } from '../state/index.ts';

/** Smallest units of a whole token. */
export const TOKEN = 10n ** BigInt(TOKEN_DECIMALS);

/** Voting power of a stake: its whole tokens. */
export function powerOf(stake: bigint): number {
  return Number(stake / TOKEN);
}

/** The stake that gives a power. */
export function stakeOf(power: bigint): bigint {
  return power * TOKEN;
}

export function readValidator(state: StateReader, account: Uint8Array): StakedValidator | undefined {
  const raw = state.get(STORE.account, stakedValidatorKey(account));
  return raw === undefined ? undefined : StakedValidator.decode(raw);
}

/** Account whose validator has an address in consensus. */
export function ownerOf(state: StateReader, consensusAddress: Uint8Array): Uint8Array | undefined {
  return state.get(STORE.account, validatorOwnerKey(consensusAddress));
}

export function writeOwner(view: StateView, validatorKey: Uint8Array, account: Uint8Array): void {
  view.set(STORE.account, validatorOwnerKey(validatorAddress(validatorKey)), account);
}

/**
 * Writes a validator, and its place in the list, which follows from its stake. The list has room for MAX_STAKERS: when it is full, one with more power takes
 * the place of the one with the least, whose stake stays where it is.
 */
export function writeValidator(view: StateView, account: Uint8Array, validator: StakedValidator): void {
  view.set(STORE.account, stakedValidatorKey(account), StakedValidator.encode(validator));
  const power = validator.tombstoned ? 0 : powerOf(validator.stake);
  const others = readList(view).filter(({ address }) => !equal(address, account));
  const list = power === 0 ? others : withPlace(others, { address: account, validatorKey: validator.validatorKey, power });
  writeList(view, list);
}

/** Forget a validator that has nothing left; one that signed falsely is remembered. */
export function forgetIfEmpty(view: StateView, account: Uint8Array, validator: StakedValidator): void {
  if (validator.stake > 0n || validator.unbonding.length > 0 || validator.tombstoned) return;
  view.delete(STORE.account, stakedValidatorKey(account));
  view.delete(STORE.account, validatorOwnerKey(validatorAddress(validator.validatorKey)));
  if (validator.committeeKey !== undefined) view.delete(STORE.account, committeeOwnerKey(ed25519Address(validator.committeeKey)));
}

/**
 * The validators that sign blocks: those of the list with the most power.
 *
 * @returns in order of power, of equals the smaller address first
 */
export function activeValidators(state: StateReader, maxValidators: number): ListedValidator[] {
  return readList(state).toSorted(byPower).slice(0, maxValidators);
}

export function readList(state: StateReader): ValidatorList['validators'] {
  const raw = state.get(STORE.account, VALIDATOR_LIST_KEY);
  return raw === undefined ? [] : ValidatorList.decode(raw).validators;
}

/** What consensus must be told when one set follows another; power 0 takes a validator out. Ascending by key. */
export function validatorUpdates(before: readonly ListedValidator[], after: readonly ListedValidator[]): ValidatorUpdate[] {
  const powers = (list: readonly ListedValidator[]) => new Map(list.map((entry) => [toHex(entry.validatorKey), entry]));
  const [old, now] = [powers(before), powers(after)];
  const changed = after.filter((entry) => old.get(toHex(entry.validatorKey))?.power !== entry.power);
  const gone = before.filter((entry) => !now.has(toHex(entry.validatorKey))).map((entry) => ({ ...entry, power: 0 }));
  return [...changed, ...gone]
    .sort((a, b) => compare(a.validatorKey, b.validatorKey))
    .map(({ validatorKey, power }) => ({ publicKey: { ed25519: validatorKey }, power }));
}

function withPlace(others: readonly ListedValidator[], own: ListedValidator): readonly ListedValidator[] {
  if (others.length < MAX_STAKERS) return [...others, own];
  const ranked = others.toSorted(byPower);
  return own.power > (ranked.at(-1)?.power ?? 0) ? [...ranked.slice(0, -1), own] : others;
}

function writeList(view: StateView, list: readonly ListedValidator[]): void {
  const validators = list.toSorted((a, b) => compare(a.address, b.address));
  view.set(STORE.account, VALIDATOR_LIST_KEY, ValidatorList.encode({ validators }));
}

function byPower(a: ListedValidator, b: ListedValidator): number {
  return b.power - a.power || compare(a.address, b.address);
}
