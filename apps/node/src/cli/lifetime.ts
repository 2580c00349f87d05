import type { OptionSpec } from './args.ts';

/** Runs `use`, and whatever happens then every stop that it has added, the last one first. */
export async function withStops<T>(use: (onStop: (stop: () => void | Promise<void>) => void) => Promise<T>): Promise<T> {
  const stops: (() => void | Promise<void>)[] = [];
  try {
    return await use((stop) => void stops.unshift(stop));
  } finally {
    for (const stop of stops) await stop();
  }
}

/** Resolves when the signal fires. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** For programs that were started by another, which may be killed. */
export const UNTIL_STDIN_ENDS = {
  kind: 'flag',
  help: 'end when standard input does, as when the program that started this one was killed',
} as const satisfies OptionSpec;

/** Resolves when standard input ends; never where `wanted` is false. */
export function stdinEnded(wanted: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (!wanted) return;
    for (const event of ['end', 'error'] as const) process.stdin.once(event, () => resolve());
    process.stdin.resume();
  });
}
