import type { HeaderWay } from '@perigee/sampler';

export const headers = {
  title: 'Verified headers',
  explain:
    'Each header is believed because an earlier one vouches for it, down to the root of trust: more than two thirds of its own power have signed it and, where headers between are skipped, more than a third of the power that the earlier one names.',
  ranges: (ranges: string): string => `Verified one by one: blocks ${ranges}; what is between was skipped, and is vouched for.`,
  rangesLegend: (ranges: string): string => (ranges === '1' ? 'without a gap' : `${ranges} stretches, skipping between them`),
  none: 'No header is verified yet.',
  block: 'Block',
  time: 'Time',
  proposer: 'Proposer',
  power: 'Signed power',
  way: 'Verified',
  signatures: 'Signatures checked',
  took: 'Time to verify',
  ways: {
    anchor: () => 'named by the root of trust',
    kept: () => 'kept from an earlier run',
    sequential: (from: string) => `sequentially from block ${from}`,
    skipping: (from: string) => `skipping from block ${from}`,
  } satisfies Record<HeaderWay, (from: string) => string>,
  checked: (signatures: string, validators: string): string => `${signatures} of ${validators}`,
  more: (n: string): string => `Show ${n} more`,
} as const;
