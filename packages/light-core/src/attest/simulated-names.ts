import type { Floors, Seen } from './collateral.ts';
import type { Roots } from './roots.ts';

/** Numbers of simulated collateral have names of their own, so that what anyone can mint never raises the floor of what is real. */
const SIMULATED = 'simulated/';

/** The floors that count where these roots are trusted, by the names that platforms use. */
export function floorsUnder(roots: Roots, floors: Floors): Floors {
  if (roots === 'vendor') return floors;
  const own = Object.entries(floors).filter(([name]) => name.startsWith(SIMULATED));
  return Object.fromEntries(own.map(([name, number]) => [name.slice(SIMULATED.length), number]));
}

/** What platforms have seen under these roots, by the names under which it is kept. */
export function seenUnder(roots: Roots, seen: Seen): Seen {
  if (roots === 'vendor') return seen;
  return Object.fromEntries(Object.entries(seen).map(([name, number]) => [`${SIMULATED}${name}`, number]));
}
