import { vi } from 'vitest';

/** How long a test waits for what is to happen, milliseconds: much longer than it takes, since a machine may do many other things as well. */
const PATIENCE_MS = 40_000;
const LOOK_AGAIN_MS = 10;

/**
 * Waits until the assertions hold.
 *
 * @returns what they return then
 * @throws what they threw last, after PATIENCE_MS
 */
export function eventually<T>(assertions: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertions, { timeout: PATIENCE_MS, interval: LOOK_AGAIN_MS });
}
