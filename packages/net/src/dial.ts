import type { Connection } from './connections.ts';
import type { Host } from './create-host.ts';
import type { PeerAddress } from './dial-plan.ts';

/**
 * Connects to a peer: the open connection that there is, or a new one over the best transport that answers.
 *
 * @returns the connection as it is now; `transport` says what it runs over and `fallback` why it is not the best
 * @throws UNREACHABLE with a reason for every address (in the message and in `data`), ABORTED, TIMEOUT
 */
export async function dialPeer(host: Host, peer: PeerAddress, options: { signal?: AbortSignal } = {}): Promise<Connection> {
  const record = await host.dialer.dial(peer, options.signal);
  return record.snapshot();
}
