import { PerigeeError } from '@perigee/wire';

/**
 * What a node may take of the machine and of the line. Over one of them, blobs that nobody asked for wait; headers, and what a user asks for, come
 * at once, and count. What is left out has no cap.
 */
export interface Budgets {
  /** Processor time, as a share of one core over a minute: 0.25 is a quarter of one. */
  readonly cpuShare?: number | undefined;
  /** Bytes a second, both ways, over seconds. */
  readonly bytesPerSecond?: number | undefined;
  /** Bytes a day, both ways, UTC; what was used is remembered where the node has a store. */
  readonly bytesPerDay?: number | undefined;
}

/** The caps as they are now, and what was used. */
export interface BudgetsView {
  readonly caps: Budgets;
  /** In the last minute. */
  readonly cpuShare: number;
  /** In the last ten seconds. */
  readonly bytesPerSecond: number;
  readonly bytesToday: number;
  /** Caps that hold up sampling now. */
  readonly throttledBy: readonly (keyof Budgets)[];
  /** When sampling goes on, milliseconds since 1970; `undefined` while nothing holds it up. */
  readonly resumesAtMs: number | undefined;
}

/** The caps without what caps nothing. @throws INVALID_ARGUMENT */
export function checkBudgets(given: Budgets): Budgets {
  const names = ['cpuShare', 'bytesPerSecond', 'bytesPerDay'] as const;
  const caps: { [Name in (typeof names)[number]]?: number } = {};
  for (const name of names) {
    const cap = given[name];
    if (cap === undefined || cap === Number.POSITIVE_INFINITY) continue;
    if (!(cap > 0)) throw new PerigeeError('INVALID_ARGUMENT', `a ${name} of ${cap} lets nothing come: leave it out for no cap`);
    caps[name] = cap;
  }
  return caps;
}
