import { join } from 'node:path';
import { CollateralFolder, type ServedCollateral } from '@perigee/compute/collateral';
import { type AttestSubtle, type Roots, webCryptoAttest } from '@perigee/light-core/attest';
import { rootsOfDevelopment } from '@perigee/light-core/attest/development';
import { ChainView } from '@perigee/light-core/da';
import type { VerifiedState } from '@perigee/light-core/roles';
import { systemClock } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import type { Logger } from './cli/log.ts';

/** Where a home keeps collateral: of vendors, and of those that development chains make up. */
export function collateralFolder(home: string, roots: Roots): CollateralFolder {
  return new CollateralFolder({
    folder: join(home, roots === 'vendor' ? 'collateral' : 'collateral-simulated'),
    crypto: webCryptoAttest(crypto.subtle as unknown as AttestSubtle),
    clock: systemClock,
    roots,
  });
}

/** What a node hands on: simulated collateral only where the chain's own state proves that it is for development. */
export async function openCollateral(home: string, state: VerifiedState, log: Logger): Promise<ServedCollateral> {
  const vendor = collateralFolder(home, 'vendor');
  try {
    const { appState } = await new ChainView(state).facts();
    return appState.development ? { vendor, simulated: collateralFolder(home, rootsOfDevelopment(appState)) } : { vendor };
  } catch (error) {
    const { code, message } = PerigeeError.from(error);
    log.warn({ code }, `simulated collateral is not handed on: ${message}`);
    return { vendor };
  }
}
