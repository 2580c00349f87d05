import { limitedSignal } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import type { LightNode } from './light-node.ts';
import type { LightNodeState } from './state.ts';

/**
 * Waits until a light node follows its chain: a head of an earlier visit is none, and nobody proves anything under it.
 *
 * @param ms how long at most
 * @throws what keeps the node from running; TIMEOUT when no peer answered in time; what the signal fired with
 */
export function untilLive(node: Pick<LightNode, 'state' | 'subscribe'>, signal: AbortSignal, ms: number): Promise<void> {
  const until = limitedSignal(signal, ms);
  return new Promise((resolve, reject) => {
    const settle = (error?: PerigeeError): void => {
      unsubscribe();
      until.removeEventListener('abort', onOver);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onOver = (): void => {
      if (signal.aborted) settle(PerigeeError.from(signal.reason));
      else settle(new PerigeeError('TIMEOUT', `no peer answered in ${ms / 1_000} s; try again when one does`));
    };
    const look = ({ phase, error }: LightNodeState): void => {
      if (error !== undefined) settle(PerigeeError.fromObject(error));
      else if (phase === 'live') settle();
    };
    const unsubscribe = node.subscribe(look);
    until.addEventListener('abort', onOver);
    if (until.aborted) onOver();
    else look(node.state);
  });
}
