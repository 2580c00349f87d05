import { PerigeeError } from '@perigee/wire';
import type { Seen } from './collateral.ts';

/** What a vendor's bundle turned out to be. Times are seconds since 1970. */
export interface Found {
  readonly seen: Seen;
  /** The higher, number by number, the newer: what tells of faults and revocations, before when a part was made. */
  readonly rank: readonly number[];
  /** When its newest part was made. */
  readonly issued: number;
  /** Until when all of it holds. */
  readonly until: number;
}

/** Names the part in what is wrong with it. */
export async function inPart<T>(name: string, look: () => T | Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (cause) {
    const { code, message, data } = PerigeeError.from(cause);
    throw new PerigeeError(code, `${name} of the collateral: ${message}`, { cause, data: { ...data, part: name } });
  }
}
