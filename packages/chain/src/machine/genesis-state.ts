import { APP_STATE_KEY, GENESIS_HASH_KEY, STORE } from '@perigee/light-core/state';
import type { Genesis } from '../genesis/index.ts';
import type { StateView } from '../state/index.ts';
import { writeAccount } from './accounts.ts';

/** What a chain starts with; it becomes part of the state after the first block. */
export function writeGenesis(view: StateView, { initChain, genesisHash, appState }: Genesis): void {
  view.set(STORE.chain, GENESIS_HASH_KEY, genesisHash);
  view.set(STORE.chain, APP_STATE_KEY, initChain.appStateBytes);
  for (const { address, balance } of appState.accounts) writeAccount(view, address, { balance, nonces: [] });
}
