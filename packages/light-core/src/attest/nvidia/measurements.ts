import { equal } from '@perigee/wire';
import { refuse } from '../code.ts';
import type { GpuEvidence } from './evidence.ts';
import { NVDEC0, NVDEC0_MEASUREMENT } from './layout.ts';
import type { Rim } from './rim/rim.ts';

/**
 * Holds a GPU's measurements against the reference values of its driver and of its VBIOS: each that one of them names must be among its values.
 *
 * @param rims verified
 * @returns a sentence
 * @throws refusals COLLATERAL, MEASUREMENT
 */
export function judgeMeasurements(
  { measurements, driverVersion, vbiosVersion, nvdec0 }: GpuEvidence,
  rims: readonly Rim[],
): string {
  const driver = rims.find(({ version }) => version === driverVersion);
  const vbios = rims.find(({ version }) => version.toUpperCase() === vbiosVersion);
  if (driver === undefined || vbios === undefined || driver === vbios) {
    throw refuse('COLLATERAL', `The reference values are not those of driver ${driverVersion} and VBIOS ${vbiosVersion}.`);
  }
  if (driver.product !== vbios.product)
    throw refuse('COLLATERAL', `The reference values are of two products, ${driver.product} and ${vbios.product}.`);
  if (driver.golden.size === 0 || vbios.golden.size === 0) throw refuse('COLLATERAL', 'A file of reference values names none.');
  const both = [...driver.golden.keys()].find((index) => vbios.golden.has(index));
  if (both !== undefined) throw refuse('COLLATERAL', `Driver and VBIOS both have reference values for measurement ${both}.`);
  // whatever is not "off" counts: a value that is not known must not leave a measurement out
  const skipped = nvdec0 === NVDEC0.off ? NVDEC0_MEASUREMENT : undefined;
  let compared = 0;
  for (const [index, values] of [...driver.golden, ...vbios.golden]) {
    if (index === skipped) continue;
    const measured = measurements[index];
    if (measured === undefined || !values.some((value) => equal(value, measured))) {
      throw refuse(
        'MEASUREMENT',
        `Measurement ${index} is not as ${driver.golden.has(index) ? 'the driver' : 'the VBIOS'} must make it.`,
      );
    }
    compared++;
  }
  return `${compared} measurements are as driver ${driverVersion} and VBIOS ${vbiosVersion} must make them.`;
}
