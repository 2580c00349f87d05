import type { Host } from '@perigee/net';
import { createLightNode } from '@perigee/sampler';
import { fromHex, PerigeeError } from '@perigee/wire';
import { stateWhere } from '../light.ts';
import type { Trust } from '../trust.ts';
import type { ChainSource } from './chain-source.ts';

/**
 * A chain that is followed from its trust root, as every light node does.
 *
 * @throws TRUST_ROOT, TIMEOUT when no head can be verified
 */
export async function startFollower(host: Host, trust: Trust, signal: AbortSignal): Promise<ChainSource> {
  const light = createLightNode({ ...trust, follow: false, workers: 1, host });
  try {
    await light.start();
    await stateWhere(light, ({ head, chain }) => head !== undefined && chain !== undefined, signal);
  } catch (error) {
    await light.stop();
    throw error;
  }
  const { chain } = light.state;
  if (chain === undefined) throw new PerigeeError('INTERNAL', 'a light node with a head has no chain');
  return {
    chainId: chain.chainId,
    genesisHash: fromHex(chain.genesisHash, 32),
    state: light.chain,
    root: async () => undefined,
    earliest: 0,
    hasFaucet: false,
    transactions: light.transactions,
    requestFunds: (address, signal) => light.requestFunds(address, { signal }),
    recentBlobs: () => [],
    running: new Promise(() => {}),
    stop: () => light.stop(),
  };
}
