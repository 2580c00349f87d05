import { PerigeeError } from '@perigee/wire';
import { setMaxListeners } from 'main-event';

/** Why a signal fired: TIMEOUT for `AbortSignal.timeout`, the error itself where it is one of ours, else ABORTED. */
export function abortError(signal: AbortSignal | undefined): PerigeeError {
  const reason: unknown = signal?.reason;
  if (reason instanceof PerigeeError) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError')
    return new PerigeeError('TIMEOUT', 'the time given by the caller is over');
  return new PerigeeError('ABORTED', 'the caller gave up', { cause: reason });
}

/** @throws ABORTED, TIMEOUT */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/** `promise`, or the abort if that comes first. The promise goes on; its late rejection is nobody's. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** For a signal that lives as long as a program does: everything in it listens, so Node's warning of more than ten would be a false one. */
export function createStopController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(Number.POSITIVE_INFINITY, controller.signal);
  return controller;
}

/** Fires when either does; as long-lived as they are. */
export function eitherSignal(a: AbortSignal, b: AbortSignal): AbortSignal {
  const either = AbortSignal.any([a, b]);
  setMaxListeners(Number.POSITIVE_INFINITY, either);
  return either;
}

/** Fires when `signal` does, and after `ms` milliseconds with a TimeoutError. */
export function limitedSignal(signal: AbortSignal, ms: number): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  // AbortSignal.any holds its sources weakly, and Node (20.20) ends the timer of a limit that was collected: one that has a listener is kept
  limit.addEventListener('abort', () => {}, { once: true });
  return eitherSignal(signal, limit);
}
