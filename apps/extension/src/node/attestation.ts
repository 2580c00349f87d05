import { plainReport } from '@perigee/light-core/attest/file';
import { systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import type { Attestor } from '@perigee/sampler/attest';

/** @returns the report, as `perigee verify` writes it @throws what `Attestor` throws */
export type Attest = (file: Uint8Array, collateralFile: Uint8Array | undefined, signal: AbortSignal) => Promise<object>;

/** @param current the node of the moment: a pause or another chain makes a new one */
export function createAttest(current: () => LightNode, attestor: Attestor): Attest {
  return async (file, collateralFile, signal) => {
    const { chain, head } = current().state;
    // the later of both clocks: one that is behind must not make expired evidence good
    const timeMs = Math.max(systemClock.now(), head?.timeMs ?? 0);
    const request = { file, timeMs, development: chain?.development === true, ...(collateralFile && { collateralFile }) };
    return plainReport(await attestor.verify(request, { signal }), timeMs);
  };
}
