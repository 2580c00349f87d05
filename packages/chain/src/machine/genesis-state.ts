import { APP_STATE_KEY, GENESIS_HASH_KEY, STAKE_POOL, STORE } from '@perigee/light-core/state';
import type { Genesis } from '../genesis/index.ts';
import type { StateView } from '../state/index.ts';
import { readAccount, writeAccount } from './accounts.ts';
import { takeCommitteeKey } from './stake.ts';
import { writeFirstFlow } from './storage/index.ts';
import { writeOwner, writeValidator } from './validators.ts';

/** What a chain starts with; it becomes part of the state after the first block. */
export function writeGenesis(view: StateView, { initChain, genesisHash, appState }: Genesis): void {
  view.set(STORE.chain, GENESIS_HASH_KEY, genesisHash);
  view.set(STORE.chain, APP_STATE_KEY, initChain.appStateBytes);
  for (const { address, balance } of appState.accounts) writeAccount(view, address, { balance, nonces: [] });
  for (const { address, validatorKey, committeeKey, amount } of appState.staking?.stakes ?? []) {
    const validator = { validatorKey, stake: amount, unbonding: [], tombstoned: false };
    writeOwner(view, validatorKey, address);
    writeValidator(
      view,
      address,
      committeeKey === undefined ? validator : takeCommitteeKey(view, address, validator, committeeKey),
    );
    const pool = readAccount(view, STAKE_POOL)?.balance ?? 0n;
    writeAccount(view, STAKE_POOL, { balance: pool + amount, nonces: [] });
  }
  if (appState.storage !== undefined) writeFirstFlow(view);
}

/** Stores of a chain's state: what its genesis does not ask for is not there, and changes no app hash. */
export function storesOf({ appState }: Genesis): readonly string[] {
  const left = new Set<string>();
  if (appState.storage === undefined) left.add(STORE.storage);
  if (appState.kv === undefined) left.add(STORE.kv);
  if (appState.compute === undefined) left.add(STORE.compute);
  return Object.values(STORE).filter((name) => !left.has(name));
}

/** Sum of all tokens that a chain begins with. */
export function supplyOf({ appState }: Genesis): bigint {
  const balances = appState.accounts.reduce((sum, { balance }) => sum + balance, 0n);
  return (appState.staking?.stakes ?? []).reduce((sum, { amount }) => sum + amount, balances);
}
