import { createLightNode, type LightNode, type LightNodeOptions, type LightNodeState } from '@perigee/sampler';
import { type ErrorCode, PerigeeError } from '@perigee/wire';
import { clockText } from './words.ts';

/** A command that cannot get a verified head in this time says why, milliseconds. */
const HEAD_TIMEOUT_MS = 30_000;

/** What may be over in a moment: the node goes on trying. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BUSY', 'STREAM_CLOSED', 'TIMEOUT', 'UNREACHABLE']);

/** Runs `use` with a light node that has a verified head, and stops it whatever happens. */
export async function withLightNode<T>(
  options: LightNodeOptions,
  signal: AbortSignal,
  use: (node: LightNode) => Promise<T>,
): Promise<T> {
  const node = createLightNode(options);
  try {
    await node.start();
    await stateWhere(node, ({ head, chain }) => head !== undefined && chain?.development !== undefined, signal);
    return await use(node);
  } finally {
    await node.stop();
  }
}

/**
 * The first state for which `holds` is true.
 *
 * @param onSlow called with what stands in the way each time that HEAD_TIMEOUT_MS are over; without it the wait ends then
 * @throws ABORTED, TIMEOUT with what stands in the way, and at once what `hopeless` says
 */
export function stateWhere(
  node: LightNode,
  holds: (state: LightNodeState) => boolean,
  signal: AbortSignal,
  onSlow?: (why: PerigeeError) => void,
): Promise<LightNodeState> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      unsubscribe();
      clearInterval(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(new PerigeeError('ABORTED', 'stopped')));
    const look = (state: LightNodeState): void => {
      const why = hopeless(state);
      if (holds(state)) settle(() => resolve(state));
      else if (why !== undefined) settle(() => reject(why));
    };
    const timer = setInterval(() => {
      const why = timedOut(node.state);
      if (onSlow === undefined) settle(() => reject(why));
      else onSlow(why);
    }, HEAD_TIMEOUT_MS);
    const unsubscribe = node.subscribe(look);
    signal.addEventListener('abort', onAbort, { once: true });
    look(node.state);
  });
}

/** What no waiting mends: a node that failed for good, or headers that are refused because this machine's clock is behind. */
export function hopeless(state: LightNodeState): PerigeeError | undefined {
  const { phase, error, head, clock } = state;
  if (phase === 'failed' && error !== undefined && !PASSING.has(error.code)) {
    return failed(state, PerigeeError.fromObject(error));
  }
  if (head !== undefined || clock.state !== 'behind') return undefined;
  const words = `the clock of this machine is ${clockText(clock)}`;
  return failed(state, new PerigeeError('HEADER_FUTURE', words, { data: { aheadMs: clock.offsetMs } }));
}

function failed({ head }: LightNodeState, error: PerigeeError, after = ''): PerigeeError {
  if (head !== undefined) return error;
  const { code, message, data = {} } = error;
  return new PerigeeError(code, `no header could be verified${after}: ${message}`, { data, cause: error });
}

function timedOut(state: LightNodeState): PerigeeError {
  const { error, peers, head } = state;
  if (error !== undefined) return failed(state, PerigeeError.fromObject(error), ` in ${HEAD_TIMEOUT_MS / 1_000} s`);
  const what = head === undefined ? 'no header could be verified' : 'the chain did not get to what was waited for';
  const refused = peers.map((peer) => peer.banned).filter((words) => words !== undefined);
  const connected = peers.filter((peer) => peer.connected).length;
  const why = refused.length > 0 ? refused.join('; ') : `${connected} of ${peers.length} known peers are connected`;
  const remedy = connected === 0 ? '; is the network running ("npm start"), and is this its present trust root?' : '';
  return new PerigeeError('TIMEOUT', `${what} in ${HEAD_TIMEOUT_MS / 1_000} s: ${why}${remedy}`);
}
