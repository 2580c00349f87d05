import type { OptionSpec } from './args.ts';

/** Runs `use`, and whatever happens then every stop that it has added, the last one first; one that fails keeps no other from its turn. */
export async function withStops<T>(use: (onStop: (stop: () => void | Promise<void>) => void) => Promise<T>): Promise<T> {
  const stops: (() => void | Promise<void>)[] = [];
  const failures: unknown[] = [];
  const result = await use((stop) => void stops.unshift(stop)).finally(async () => {
    for (const stop of stops) await (async () => stop())().catch((error: unknown) => failures.push(error));
  });
  if (failures.length > 0) throw failures[0];
  return result;
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
