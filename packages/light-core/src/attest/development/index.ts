import { type DevelopmentRoots, developmentRoots } from '../roots.ts';
import { DEVELOPMENT_ROOTS } from './roots.ts';

/**
 * The roots that a development chain believes in. A chunk of its own, for those who have verified such a genesis.
 *
 * @param genesis of the chain that is followed, as proved (PROTOCOL §5)
 * @throws INVALID_ARGUMENT unless it is that of a development chain
 */
export function rootsOfDevelopment(genesis: { readonly development: boolean }): DevelopmentRoots {
  return developmentRoots(genesis, DEVELOPMENT_ROOTS);
}
