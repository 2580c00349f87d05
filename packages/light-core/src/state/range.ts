import { compare } from '@perigee/wire';

/** Where a range begins or ends. */
export interface Bound {
  readonly key: Uint8Array;
  /** Whether the key itself belongs to the range. */
  readonly inclusive: boolean;
}

/** Keys of a store that are asked for, in their order. */
export interface StateRange {
  readonly lower: Bound;
  readonly upper: Bound;
  /** From the upper end down. */
  readonly reverse: boolean;
  /** Keys, at most. */
  readonly limit: number;
}

/** On which side of a range a key lies. */
export function placeIn({ lower, upper }: Pick<StateRange, 'lower' | 'upper'>, key: Uint8Array): 'below' | 'inside' | 'above' {
  const low = compare(key, lower.key);
  if (low < 0 || (low === 0 && !lower.inclusive)) return 'below';
  const high = compare(key, upper.key);
  return high > 0 || (high === 0 && !upper.inclusive) ? 'above' : 'inside';
}
