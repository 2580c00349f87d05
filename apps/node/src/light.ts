import { createLightNode, type LightNode, type LightNodeOptions, type LightNodeState } from '@perigee/sampler';
import { type ErrorCode, PerigeeError } from '@perigee/wire';

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
 * @throws ABORTED, TIMEOUT with what stands in the way, and at once the error of a node that failed for good
 */
export function stateWhere(
  node: LightNode,
  holds: (state: LightNodeState) => boolean,
  signal: AbortSignal,
): Promise<LightNodeState> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      unsubscribe();
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onAbort = (): void => settle(() => reject(new PerigeeError('ABORTED', 'stopped')));
    const look = (state: LightNodeState): void => {
      const { phase, error } = state;
      if (holds(state)) settle(() => resolve(state));
      else if (phase === 'failed' && error !== undefined && !PASSING.has(error.code)) {
        settle(() => reject(failed(state, PerigeeError.fromObject(error))));
      }
    };
    const timer = setTimeout(() => settle(() => reject(timedOut(node.state))), HEAD_TIMEOUT_MS);
    const unsubscribe = node.subscribe(look);
    signal.addEventListener('abort', onAbort, { once: true });
    look(node.state);
  });
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
