import { collateralProtocol, type Host, serve } from '@perigee/net';
import { MAX_COLLATERAL_REQUEST_BURST, MAX_COLLATERAL_REQUESTS_PER_SECOND } from '@perigee/wire';
import type { CollateralFolder } from './collateral-folder.ts';

/** What is handed on: of the vendors, and on a development chain of those that it makes up. */
export interface ServedCollateral {
  readonly vendor: CollateralFolder;
  /** Asked at each request: a chain may not be known to be for development when a node starts. */
  readonly simulated: () => Promise<CollateralFolder | undefined>;
}

/** Hands on to anyone what is kept and current. @returns ends the service */
export async function serveCollateral(host: Host, folders: ServedCollateral): Promise<() => Promise<void>> {
  return serve(
    host,
    collateralProtocol,
    async ({ subject, simulated }) => {
      const found = await (simulated ? await folders.simulated() : folders.vendor)?.get(subject);
      return found === undefined ? {} : { file: found.file };
    },
    { requestsPerSecond: MAX_COLLATERAL_REQUESTS_PER_SECOND, requestBurst: MAX_COLLATERAL_REQUEST_BURST },
  );
}
