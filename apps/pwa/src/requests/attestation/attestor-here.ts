import { systemClock } from '@perigee/net';
import { Attestor, type AttestorOptions } from '@perigee/sampler/attest';
import type { NodeKeeper } from '../../node-keeper.ts';

/**
 * Judges evidence by what is kept with the light node of this tab, and handed on by its peers: the node of the moment, since a pause or another chain makes a
 * new one.
 */
export function attestorHere(keeper: NodeKeeper, chainFloors: NonNullable<AttestorOptions['chainFloors']>): Attestor {
  return new Attestor({
    node: {
      askCollateral: (request, options) => keeper.node().askCollateral(request, options),
      shelf: {
        value: (name) => keeper.node().shelf.value(name),
        keepValue: (name, bytes) => keeper.node().shelf.keepValue(name, bytes),
        changeValue: (name, change) => keeper.node().shelf.changeValue(name, change),
      },
    },
    clock: systemClock,
    chainFloors,
  });
}
