/** Words of the figures of the network, which are fetched when their view is opened. */
export const network = {
  title: 'Over time',
  note: (age: string): string => `The last ${age}, second by second; a quarter of an hour is remembered.`,
  collecting: 'Collecting the first seconds…',
  bytes: 'Bytes a second',
  bytesIn: 'received',
  bytesOut: 'sent',
  rows: 'Rows verified a second',
  verified: 'rows',
  latency: 'Latency of peers',
  median: 'median, ms',
  now: (name: string, value: string): string => `${name}: ${value} now`,
  table: 'The same figures as a table',
  tableCaption: 'By the minute, the latest first',
  minute: 'Minute',
  received: 'Received',
  sent: 'Sent',
  rowsOfMinute: 'Rows verified',
  map: 'Peer map',
  mapNote:
    'The nearer to the middle, the sooner a peer answers. The thicker the line, the more came from it. Where peers are on the globe nobody knows here.',
  mapText: (connected: string, known: string): string =>
    `This page in the middle, ${connected} of ${known} peers connected; the table of peers below has the same figures.`,
  you: 'you',
  away: 'not connected',
  unknownLatency: 'not measured yet',
} as const;
