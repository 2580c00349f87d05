export const peers = {
  title: 'Peers',
  none: 'No peer yet.',
  peer: 'Peer',
  operator: 'Committee key',
  connection: 'Connection',
  latency: 'Latency',
  score: 'Score',
  rows: 'Rows',
  traffic: 'Received, sent',
  verified: (n: string): string => `${n} verified`,
  failed: (n: string): string => `${n} failed`,
  sent: (size: string): string => `${size} sent`,
  /** What a peer says of itself is not verified, and marked so. */
  hint: (roles: string): string => `says of itself: ${roles}`,
  /** `why` comes from the network layer. */
  fallback: (taken: string, why: string): string => `${taken}, because ${why}`,
  offline: 'not connected',
  banned: (why: string): string => `Banned: ${why}`,
  noWebrtc: 'This browser offers no WebRTC, so rows come over WebSocket. They are checked all the same.',
} as const;
