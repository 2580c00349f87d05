import type { LightNodeState } from '@perigee/sampler';
import type { PerigeeError } from '@perigee/wire';
import { CODE, type FailureObject } from '../failure.ts';
import type { Connection } from '../messages.ts';

export interface ConnectionParts {
  readonly state: Pick<LightNodeState, 'phase' | 'chain' | 'head' | 'peers' | 'error'> | undefined;
  readonly paused: boolean;
  readonly problem: Pick<PerigeeError, 'code' | 'message'> | undefined;
}

/** Whether requests can be answered under a chain, in EIP-1193's sense: the node follows it, and somebody is there to ask. */
export function connectionOf({ state, paused, problem }: ConnectionParts): Connection {
  if (paused) return disconnected('the light node is paused', 'ABORTED');
  const obstacle = problem ?? state?.error;
  if (obstacle !== undefined) return disconnected(obstacle.message, obstacle.code);
  if (state?.phase !== 'live' || state.chain === undefined || state.head === undefined) {
    return disconnected('the light node follows no chain at the moment', 'UNPROVEN');
  }
  if (!state.peers.some(({ connected }) => connected)) return disconnected('the light node has no peer', 'UNREACHABLE');
  return { chainId: state.chain.chainId };
}

function disconnected(message: string, reason: NonNullable<FailureObject['data']>['reason']): Connection {
  return { error: { code: CODE.disconnected, message, data: { reason } } };
}
