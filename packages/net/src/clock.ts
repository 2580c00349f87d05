import type { Clock } from '@perigee/light-core/roles';
import { abortError } from './abort.ts';

/** Timers count milliseconds in 31 bits; a longer wait would end at once. */
const MAX_TIMER_MS = 0x7fffffff;

/** The clock of the machine. A sleep of more than 24 days ends after 24 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortError(signal));
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(abortError(signal));
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.min(ms, MAX_TIMER_MS),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
