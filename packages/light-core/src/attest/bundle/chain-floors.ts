import type { AppState } from '@perigee/wire';
import type { SnpPolicy } from '../amd/index.ts';
import type { Floors } from '../collateral.ts';

/** The floors that a chain has as a parameter of its genesis. @param appState as proved */
export function chainFloorsOf({ collateralFloors }: Pick<AppState, 'collateralFloors'>): Floors {
  return Object.fromEntries(collateralFloors.map(({ name, number }) => [name, number]));
}

/** Of AMD's levels, under which a chain has the least that it accepts: `amd/Milan/tcb/microcode`. */
const LEVEL = /^amd\/(Milan|Genoa|Turin)\/tcb\/(fmc|bootloader|tee|snp|microcode)$/;

/**
 * The least firmware that a chain accepts of AMD's processors: AMD signs no list of levels as Intel does, so what is too old only the chain can say.
 *
 * @returns for a policy: a line that is not named is not accepted
 */
export function leastLevelsOf(floors: Floors): NonNullable<SnpPolicy['minTcb']> {
  const least: { [product in 'Milan' | 'Genoa' | 'Turin']?: Record<string, number> } = {};
  for (const [name, number] of Object.entries(floors)) {
    const [, product, level] = LEVEL.exec(name) ?? [];
    if (product !== undefined && level !== undefined)
      least[product as 'Milan'] = { ...least[product as 'Milan'], [level]: number };
  }
  return least;
}
