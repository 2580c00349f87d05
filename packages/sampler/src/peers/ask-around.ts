import type { Clock } from '@perigee/light-core/roles';
import { createStopController } from '@perigee/net';
import { ASK_STAGGER_MS, PerigeeError } from '@perigee/wire';
import type { Peer } from './peer.ts';

/** How often it is looked whether someone has connected, milliseconds. */
const LOOK_AGAIN_MS = 20;

export interface AskAroundOptions<T> {
  /** Whom to ask, best first, as things are now. */
  readonly candidates: () => readonly Peer[];
  readonly ask: (peer: Peer, signal: AbortSignal) => Promise<T>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Until when somebody who still connects is waited for, milliseconds since 1970; by default nobody is. */
  readonly patientUntil?: number;
}

/**
 * Asks one peer after another until one gives what was asked for: the next when one has failed, or has not answered in ASK_STAGGER_MS, so that
 * a silent peer holds up nobody. The first result counts, and ends the other questions. Who failed or was slower is
 * asked later next time.
 *
 * @throws the last failure when everyone failed; UNREACHABLE when there was nobody to ask; ABORTED
 */
export async function askAround<T>(options: AskAroundOptions<T>): Promise<T> {
  const { candidates, ask, clock, signal, patientUntil = 0 } = options;
  const asked = new Set<Peer>();
  /** Questions without an answer yet, in the order in which they were asked. */
  const waiting = new Map<Peer, Promise<void>>();
  const stop = createStopController();
  const until = stop.signal;
  // by hand, because Node keeps what AbortSignal.any makes for as long as the signal that it was made of
  const onAbort = (): void => stop.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  let result: { readonly value: T } | undefined;
  let failure = new PerigeeError('UNREACHABLE', 'there is no peer to ask');

  function start(peer: Peer): void {
    asked.add(peer);
    const askedAt = clock.now();
    const answered = (value: T): void => {
      peer.failures = 0;
      peer.track.good(clock.now() - askedAt);
      if (result !== undefined) return;
      result = { value };
      for (const slower of waiting.keys()) {
        if (slower === peer) break;
        slower.failures++;
      }
    };
    const failed = (error: unknown): void => {
      if (until.aborted) return;
      peer.failures++;
      peer.track.bad();
      failure = PerigeeError.from(error);
    };
    const settled = ask(peer, until)
      .then(answered, failed)
      .finally(() => waiting.delete(peer));
    waiting.set(peer, settled);
  }

  try {
    while (result === undefined) {
      if (signal.aborted) throw new PerigeeError('ABORTED', 'nobody waits for the answer any more');
      const next = candidates().find((peer) => !asked.has(peer));
      if (next !== undefined) start(next);
      else if (waiting.size === 0 && clock.now() >= patientUntil) throw failure;
      const pause = clock.sleep(next === undefined ? LOOK_AGAIN_MS : ASK_STAGGER_MS, until).catch(() => {});
      await Promise.race([...waiting.values(), pause]);
    }
    return result.value;
  } finally {
    signal.removeEventListener('abort', onAbort);
    stop.abort();
  }
}
