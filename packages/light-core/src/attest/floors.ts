import { refuse } from './code.ts';
import type { Floors, Seen } from './collateral.ts';

/**
 * Signed and unexpired collateral can still be old: a server that withholds the newest hides a revocation. What was seen before is the floor.
 *
 * @param seen numbers of authentic collateral
 * @throws ATTESTATION (ROLLBACK)
 */
export function checkFloors(seen: Seen, floors: Floors): void {
  for (const [name, number] of Object.entries(seen)) {
    const floor = Object.hasOwn(floors, name) ? floors[name] : undefined;
    if (floor !== undefined && !(number >= floor)) throw refuse('ROLLBACK', `${name} is ${number}, and ${floor} was seen before`);
  }
}
