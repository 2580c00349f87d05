/** Fetched when a person has this page show the light node of the extension. */
import type { LightNodeState } from '@perigee/sampler';
import { type ErrorObject, PerigeeError } from '@perigee/wire';
import type { NodeProvider } from './announced.ts';
import { readShown } from './read-shown.ts';

/** One that is being shown answers at once; without an answer for so long it is gone, milliseconds. */
const SILENT_MS = 5_000;

const USER_REJECTED = 4001;
const UNAUTHORIZED = 4100;
const UNSUPPORTED = 4200;

export interface FollowParts {
  readonly provider: NodeProvider;
  /** Hash of the genesis that both are to follow, hexadecimal. */
  readonly chain: string;
  readonly signal: AbortSignal;
  readonly onState: (state: LightNodeState) => void;
  /** There is nothing to show for now. */
  readonly onAway: (why: ErrorObject) => void;
  /** A person does not want it, or it cannot be: nothing is asked any more. */
  readonly onRefused: (why: ErrorObject) => void;
  /** When it is asked again, milliseconds. */
  readonly everyMs: () => number;
}

/** Asks the extension for what its node shows, again and again. The first question may wait for a person's word. */
export async function followExtension(parts: FollowParts): Promise<void> {
  const { provider, chain, signal, onState, onAway, onRefused, everyMs } = parts;
  let after: string | undefined;
  let hasAnswered = false;
  while (!signal.aborted) {
    try {
      const asked = provider.request({ method: 'perigee_node', params: [after === undefined ? {} : { after }] });
      const answer = await (hasAnswered ? within(asked) : asked);
      hasAnswered = true;
      if (signal.aborted) return;
      const shown = readShown(answer, chain);
      after = shown.tag;
      if (shown.state !== undefined) onState(shown.state);
    } catch (thrown) {
      if (signal.aborted) return;
      after = undefined;
      const { isFinal, error } = obstacleOf(thrown);
      if (isFinal) return onRefused(error);
      onAway(error);
    }
    await pause(everyMs(), signal);
  }
}

/** @throws TIMEOUT */
function within<T>(asked: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new PerigeeError('TIMEOUT', 'it does not answer')), SILENT_MS);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

function obstacleOf(thrown: unknown): { readonly isFinal: boolean; readonly error: ErrorObject } {
  if (thrown instanceof PerigeeError) {
    return { isFinal: thrown.code === 'UNKNOWN_VERSION' || thrown.code === 'PARSE', error: thrown.toObject() };
  }
  const { code, message } = (thrown ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  const said = typeof message === 'string' ? message : 'it does not answer';
  if (code === UNSUPPORTED) {
    const text = 'this release of the extension shows its light node to nobody; update it';
    return { isFinal: true, error: { code: 'UNKNOWN_VERSION', message: text } };
  }
  if (code === USER_REJECTED || code === UNAUTHORIZED) {
    return { isFinal: true, error: { code: 'ABORTED', message: said } };
  }
  return { isFinal: false, error: { code: 'UNREACHABLE', message: said } };
}
