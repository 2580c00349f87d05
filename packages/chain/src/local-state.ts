import { unixMs } from '@perigee/light-core/comet';
import type { VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import { type Header, PerigeeError } from '@perigee/wire';
import type { Chain } from './chain.ts';
import type { ChainNode } from './chain-node.ts';

/** State as the other roles of a chain's process see it: it is their own chain, so there is nobody to prove it to. */
export function localState(chain: Pick<Chain, 'chainId' | 'latest' | 'prove' | 'onBlock'>): VerifiedState {
  const head = (): VerifiedHead => {
    const { height, headerHash, header } = chain.latest();
    const { time, appHash } = header;
    return { height, headerHash, chainId: chain.chainId, timeMs: unixMs(time), appHash };
  };
  return {
    head,
    get: async (store, key) => chain.prove(store, key).inner.exist?.value,
    onHead: (listener) => chain.onBlock(() => listener(head())),
  };
}

/** @throws NOT_FOUND */
export function headerOf(chain: Pick<ChainNode, 'lightBlock'>, height: number): Header {
  const header = chain.lightBlock(height).block.signedHeader?.header;
  if (header === undefined) throw new PerigeeError('INTERNAL', `the chain keeps no header ${height}`);
  return header;
}
