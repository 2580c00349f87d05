import type { AppState } from '@perigee/wire';
import type { Floors } from '../collateral.ts';

/** The floors that a chain has as a parameter of its genesis. @param appState as proved */
export function chainFloorsOf({ collateralFloors }: Pick<AppState, 'collateralFloors'>): Floors {
  return Object.fromEntries(collateralFloors.map(({ name, number }) => [name, number]));
}
