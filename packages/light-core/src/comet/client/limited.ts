import { PerigeeError } from '@perigee/wire';
import type { Clock } from '../../roles/index.ts';

/**
 * Does `work` for at most `ms` milliseconds.
 *
 * @throws TIMEOUT, ABORTED when `signal` fires, what `work` throws; its own signal has then fired
 */
export async function limited<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw new PerigeeError('ABORTED', 'nobody waits for the answer any more');
  const stop = new AbortController();
  // by hand, because Node keeps what AbortSignal.any makes for as long as the signal that it was made of
  const onAbort = (): void => stop.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const late = async (): Promise<never> => {
    await clock.sleep(ms, stop.signal);
    throw new PerigeeError('TIMEOUT', `no answer within ${ms} ms`);
  };
  try {
    return await Promise.race([work(stop.signal), late()]);
  } catch (error) {
    if (signal?.aborted) throw new PerigeeError('ABORTED', 'nobody waits for the answer any more', { cause: error });
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    stop.abort();
  }
}
