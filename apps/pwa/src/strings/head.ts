import type { Freshness } from '@perigee/sampler';

export const head = {
  title: 'Newest verified block',
  hash: 'Header hash',
  age: 'Age',
  finality: 'Final here after',
  validators: 'Validators',
  verify: 'Checked in',
  sources: 'Shown by',
  peers: (n: number): string => (n === 1 ? '1 peer' : `${n} peers`),
  ago: (age: string): string => `${age} ago`,
  genesis: 'Genesis hash',
  chain: 'Chain',
  sampled: 'Blobs sampled',
  sampledValue: (sampled: string, blobs: string, height: string): string => `${sampled} of ${blobs} in block ${height}`,
  sampledNone: 'none lately',
  lowest: 'Lowest confidence',
  lowestValue: (bits: string): string => `${bits} bits`,
  signed: 'Signed by',
  signedValue: (share: string): string => `${share} of power`,
  clock: 'Your clock',
  clockState: {
    unknown: (): string => 'not compared yet',
    ok: (): string => 'agrees',
    behind: (by: string): string => `${by} behind`,
    ahead: (by: string): string => `${by} ahead`,
  },
} as const;

export const freshness = {
  name: (value: Freshness | undefined, asOf: string): string =>
    value === undefined ? 'not known yet' : value === 'stale' ? `as of ${asOf}` : value,
  meaning: {
    current: 'Recent, and peers with different committee keys show this block.',
    'one source': 'Recent, but only one peer has shown this block.',
    stale: 'Older than 30 seconds: newer blocks may exist that no peer has shown.',
  } satisfies Record<Freshness, string>,
  paused: 'Paused: newer blocks are not looked for.',
} as const;
