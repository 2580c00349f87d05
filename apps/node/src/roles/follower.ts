import { parseTrustRoot } from '@perigee/light-core/comet';
import type { Host } from '@perigee/net';
import { createLightNode } from '@perigee/sampler';
import { stateWhere } from '../light.ts';
import type { ChainSource } from './chain-source.ts';

/**
 * A chain that is followed from its trust root, as every light node does.
 *
 * @throws TRUST_ROOT, TIMEOUT when no head can be verified
 */
export async function startFollower(host: Host, trustRoot: string, signal: AbortSignal): Promise<ChainSource> {
  const { chainId, genesisHash } = parseTrustRoot(trustRoot);
  const light = createLightNode({ trustRoot, follow: false, workers: 1, host });
  try {
    await light.start();
    await stateWhere(light, ({ head }) => head !== undefined, signal);
  } catch (error) {
    await light.stop();
    throw error;
  }
  return {
    chainId,
    genesisHash,
    state: light.chain,
    headTime: undefined,
    earliest: 0,
    recentBlobs: () => [],
    running: new Promise(() => {}),
    stop: () => light.stop(),
  };
}
