import type { EventKind } from '@perigee/sampler';

export const EVENT_KINDS = [
  'head',
  'connected',
  'disconnected',
  'banned',
  'sampling',
  'outcome',
  'row',
  'evidence',
  'retrieved',
  'clock',
  'conflict',
  'storage',
  'error',
] as const satisfies readonly EventKind[];

export const eventKind: Record<EventKind, string> = {
  head: 'block verified',
  connected: 'peer connected',
  disconnected: 'peer left',
  banned: 'peer banned',
  sampling: 'sampling begun',
  outcome: 'outcome',
  row: 'row',
  evidence: 'evidence kept',
  retrieved: 'blob retrieved',
  clock: 'clock',
  conflict: 'conflicting headers',
  storage: 'storage',
  error: 'error',
};

export const events = {
  title: 'Events',
  none: 'Nothing has happened yet.',
  noMatch: 'No event matches.',
  kind: 'Kind',
  all: 'all kinds',
  text: 'Text',
  placeholder: 'peer or word',
  copy: 'Copy as JSON',
  save: 'Save as JSON',
  more: (n: string): string => `Show ${n} more`,
  shown: (matching: string, all: string): string => `${matching} of ${all}`,
} as const;

export const evidence = {
  title: 'Against signers',
  none: 'No signer was caught certifying a wrongly coded blob.',
  explain: 'Whoever gets such a file can judge it without a network and without believing you:',
  command: 'perigee verify FILE',
  against: (blob: string): string => `against blob ${blob}`,
  save: 'Save file',
} as const;
