import type { Freshness } from '@perigee/sampler';

export const head = {
  title: 'Newest verified block',
  height: 'Height',
  hash: 'Header hash',
  age: 'Age',
  freshness: 'Freshness',
  validators: 'Validators',
  verify: 'Checked in',
  sources: 'Shown by',
  peers: (n: number): string => (n === 1 ? '1 peer' : `${n} peers`),
  ago: (age: string): string => `${age} ago`,
  genesis: 'Genesis hash',
  chain: 'Chain',
} as const;

export const freshness = {
  name: (value: Freshness | undefined, asOf: string): string =>
    value === undefined ? 'not known yet' : value === 'stale' ? `as of ${asOf}` : value,
  meaning: {
    current: 'Recent, and peers with different committee keys show this block.',
    'one source': 'Recent, but only one peer has shown this block.',
    stale: 'Older than 30 seconds: newer blocks may exist that no peer has shown.',
  } satisfies Record<Freshness, string>,
} as const;
