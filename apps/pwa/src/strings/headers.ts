import type { HeaderWay } from '@perigee/sampler';

export const headers = {
  title: 'Verified headers',
  explain:
    'Each header is believed because an earlier verified one vouches for it, down to the root of trust: at least a third of the power that it names, and two thirds of the header’s own, have signed.',
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
    kept: () => 'kept from an earlier visit',
    sequential: (from: string) => `sequentially, by block ${from}`,
    skipping: (from: string) => `skipping, by block ${from}`,
  } satisfies Record<HeaderWay, (from: string) => string>,
  checked: (signatures: string, validators: string): string => `${signatures} of ${validators}`,
  more: (n: string): string => `Show ${n} more`,
} as const;
