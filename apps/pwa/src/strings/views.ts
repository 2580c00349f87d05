import type { ViewName } from '../navigation/views.ts';

export const views = {
  navigation: 'Views',
  name: {
    live: 'Live',
    blobs: 'Blobs',
    storage: 'Storage',
    kv: 'KV',
    compute: 'Compute',
    evidence: 'Evidence',
    network: 'Network',
    settings: 'Settings',
    bench: 'Bench',
  },
  more: 'Show it live',
} as const satisfies { navigation: string; name: Record<ViewName, string>; more: string };
