import type { Transport } from '@perigee/sampler';

export const NAME = 'Perigee';
/** Stands where a value is not known yet, or does not exist. */
export const NONE = '–';

/** A part of the page could not be fetched. */
export const lost = {
  title: 'This part of the page is missing',
  next: 'Its server is away, or has a newer version. Reload the page.',
} as const;

export const controls = { pause: 'Pause', resume: 'Resume', restart: 'Try again', reload: 'Reload', loading: 'Loading' } as const;

export const clipboard = { copied: 'Copied', failed: 'Not copied' } as const;

export const transport: Record<Transport, string> = {
  'webrtc-direct': 'WebRTC',
  webrtc: 'WebRTC, page to page',
  webtransport: 'WebTransport',
  websocket: 'WebSocket',
  tcp: 'TCP',
  other: 'other',
};

export const banner = {
  unknown: 'Whether this is a development chain, for trying things out, is not proved yet.', // no shorter than the others: what is drawn first stays the largest
  development: 'Development chain, one operator: for trying things out, not for trust.',
  production: 'Not a development chain, by its genesis.',
} as const;

export const footer = {
  totals: (verified: string, bytes: string): string =>
    `${verified} rows verified, ${bytes} received since the light node last started`,
  started: 'Nothing received yet',
} as const;

export function pageTitle(height: string | undefined): string {
  return height === undefined ? NAME : `Block ${height} – ${NAME}`;
}
