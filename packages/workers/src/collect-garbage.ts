import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collector = (options?: { readonly type: 'minor' }) => void;

let collector: Collector | undefined;

/**
 * Frees what this thread uses no more, now. V8 begins by itself when objects have filled its heap, or buffers 32 MiB since the last time: a program that
 * handles few objects, but with buffers or threads behind them, has tens of megabytes of what nobody needs.
 *
 * @param what `young`: what was made since the last two times, in about a millisecond; `all` takes some ten. Where the engine does not let a program
 *   collect, as in a page, nothing happens
 */
export function collectGarbage(what: 'young' | 'all'): void {
  collector ??= makeCollector();
  collector(what === 'young' ? { type: 'minor' } : undefined);
}

/** V8 gives the function to contexts that are made while the flag is set: to this one alone, so that no other program text finds it. */
function makeCollector(): Collector {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  return typeof found === 'function' ? (found as Collector) : () => {};
}
