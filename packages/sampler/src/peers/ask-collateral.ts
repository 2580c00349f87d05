import { COLLATERAL_PEERS, type CollateralRequest } from '@perigee/wire';
import type { Peer } from './peer.ts';

/**
 * Asks some peers at once for a file of collateral, those that failed least first: one that withholds the newest is outdone by any that does not.
 *
 * @returns what came, without those who have none, or do not answer
 */
export async function askCollateral(
  peers: readonly Peer[],
  request: CollateralRequest,
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const asked = [...peers].sort((a, b) => a.failures - b.failures).slice(0, COLLATERAL_PEERS);
  const answers = await Promise.all(
    asked.map(async (peer) => {
      try {
        return (await peer.collateral(request, { signal })).file;
      } catch {
        return undefined; // older nodes do not speak the protocol, which is no fault
      }
    }),
  );
  return answers.filter((file) => file !== undefined);
}
