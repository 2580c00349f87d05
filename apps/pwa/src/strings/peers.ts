export const peers = {
  title: 'Peers',
  none: 'No peer yet.',
  peer: 'Peer',
  connection: 'Connection',
  rows: 'Rows',
  verified: (n: string): string => `${n} verified`,
  failed: (n: string): string => `${n} failed`,
  received: (size: string): string => `${size} received`,
  member: (address: string): string => `committee member ${address}`,
  hint: (roles: string): string => `says of itself: ${roles}`,
  /** `why` comes from the network layer. */
  fallback: (taken: string, why: string): string => `${taken}, because ${why}`,
  offline: 'not connected',
  banned: (why: string): string => `banned: ${why}`,
  noWebrtc: 'This browser offers no WebRTC, so rows come over WebSocket. They are checked all the same.',
} as const;
