import type { Transport } from '@perigee/sampler';

export const NAME = 'Perigee';
/** Stands where a value is not known yet, or does not exist. */
export const NONE = '–';

export const controls = { pause: 'Pause', resume: 'Resume', restart: 'Try again', reload: 'Reload' } as const;

export const transport: Record<Transport, string> = {
  'webrtc-direct': 'WebRTC',
  websocket: 'WebSocket',
  tcp: 'TCP',
  other: 'other',
};

export const banner = {
  unknown: 'Whether this is a development chain is not proved yet.',
  development: 'Development chain, one operator: for trying things out, not for trust.',
  production: 'Not a development chain, by its genesis.',
} as const;

export const footer = {
  totals: (verified: string, bytes: string): string => `${verified} rows verified, ${bytes} received since this page opened`,
  started: 'Nothing received yet',
} as const;

export const about = {
  title: 'What this shows, and what it does not',
  paragraphs: [
    'Everything here was checked in this browser: block signatures from a root that came with the page, the blob’s record by a proof from the state of the chain, and each row by its path and by the code. Peers are believed in nothing; what they merely say is marked.',
    'The rows are drawn at random before any is asked for, so someone who hides enough of a blob to make it unrecoverable is caught with a chance that grows with every row. That holds against servers that cannot single you out. Against one that can, protection is collective: many readers sample, keep and pass on what they verified.',
  ],
} as const;

export function pageTitle(height: string | undefined): string {
  return height === undefined ? NAME : `Block ${height} – ${NAME}`;
}
