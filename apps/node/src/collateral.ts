import { join } from 'node:path';
import { CollateralFolder, type ServedCollateral } from '@perigee/compute/collateral';
import { type AttestSubtle, type Floors, type Roots, webCryptoAttest } from '@perigee/light-core/attest';
import { chainFloorsOf } from '@perigee/light-core/attest/bundle';
import { rootsOfDevelopment } from '@perigee/light-core/attest/development';
import { ChainView } from '@perigee/light-core/da';
import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import { systemClock } from '@perigee/net';

/** Where a home keeps collateral: of vendors, and of those that development chains make up. */
export function collateralFolder(
  home: string,
  roots: Roots,
  chainFloors: () => Promise<Floors> = async () => ({}),
  clock: Pick<Clock, 'now'> = systemClock,
): CollateralFolder {
  return new CollateralFolder({
    folder: join(home, roots === 'vendor' ? 'collateral' : 'collateral-simulated'),
    crypto: webCryptoAttest(crypto.subtle as unknown as AttestSubtle),
    clock,
    roots,
    chainFloors,
  });
}

/** What a node hands on: simulated collateral only where the chain's own state proves that it is for development. */
export function servedCollateral(home: string, state: VerifiedState): ServedCollateral {
  const chain = new ChainView(state);
  // a chain that proves nothing yet has no say; what was seen here has
  const chainFloors = (): Promise<Floors> =>
    chain.facts().then(
      ({ appState }) => chainFloorsOf(appState),
      () => ({}),
    );
  let simulated: CollateralFolder | undefined;
  return {
    vendor: collateralFolder(home, 'vendor', chainFloors),
    async simulated() {
      const { appState } = await chain.facts();
      if (appState.development) simulated ??= collateralFolder(home, rootsOfDevelopment(appState), chainFloors);
      return simulated;
    },
  };
}
