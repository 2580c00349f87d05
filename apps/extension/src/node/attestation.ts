import { plainReport } from '@perigee/light-core/attest/file';
import { systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import { Attestor } from '@perigee/sampler/attest';

/** @returns the report, as `perigee verify` writes it @throws what `Attestor` throws */
export type Attest = (file: Uint8Array, collateralFile: Uint8Array | undefined, signal: AbortSignal) => Promise<object>;

/** @param current the node of the moment: a pause or another chain makes a new one */
export function createAttest(current: () => LightNode): Attest {
  let attestor: Attestor | undefined;
  const make = (): Attestor =>
    new Attestor({
      node: {
        askCollateral: async (request, options) => current().askCollateral(request, options),
        shelf: {
          value: async (name) => current().shelf.value(name),
          keepValue: async (name, bytes) => current().shelf.keepValue(name, bytes),
          changeValue: async (name, change) => current().shelf.changeValue(name, change),
        },
      },
      clock: systemClock,
      chainFloors: () => current().state.chain?.collateralFloors ?? {},
    });
  return async (file, collateralFile, signal) => {
    const { chain, head } = current().state;
    // the later of both clocks: one that is behind must not make expired evidence good
    const timeMs = Math.max(systemClock.now(), head?.timeMs ?? 0);
    const request = { file, timeMs, development: chain?.development === true, ...(collateralFile && { collateralFile }) };
    attestor ??= make();
    return plainReport(await attestor.verify(request, { signal }), timeMs);
  };
}
