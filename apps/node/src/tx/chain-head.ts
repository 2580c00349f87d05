import { ChainView } from '@perigee/light-core/da';
import type { LightNode } from '@perigee/sampler';
import type { Account, AppState } from '@perigee/wire';

/** What a transaction depends on, all of it proved. */
export interface ChainHead {
  readonly chainId: string;
  readonly genesisHash: Uint8Array;
  readonly appState: AppState;
  readonly height: number;
  readonly account: Account;
}

/** @throws UNPROVEN, BUSY, ABORTED */
export async function chainHeadOf(node: LightNode, address: Uint8Array, signal: AbortSignal): Promise<ChainHead> {
  const view = new ChainView(node.chain);
  const { genesisHash, appState } = await view.facts(signal);
  const account = (await view.account(address, signal)) ?? { balance: 0n, nonces: [] };
  const { chainId, height } = view.head();
  return { chainId, genesisHash, appState, height, account };
}
