import { systemClock } from '@perigee/net';
import type { LightNode } from '@perigee/sampler';
import { Attestor } from '@perigee/sampler/attest';

/** Judges evidence by what the light node keeps, and by what its peers hand on. @param current the node of the moment: a pause or another chain makes a new one */
export function attestorHere(current: () => LightNode): Attestor {
  return new Attestor({
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
}
