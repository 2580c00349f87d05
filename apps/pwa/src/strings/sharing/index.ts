/** Loaded with the card that shows it. */
export const sharing = {
  title: 'Other pages',
  off: 'Sharing is off: this page neither gives rows to other pages nor takes theirs.',
  explained:
    'Pages of this chain give each other rows that they verified, browser to browser. Each row is verified here again, wherever it came from.',
  connected: 'Connected pages',
  relays: 'Relays that introduce them',
  served: 'Rows given',
  received: 'Rows received',
  rows: (n: string, size: string): string => `${n} (${size})`,
  today: 'Given today',
  todayValue: (size: string, most: string): string => `${size} of ${most}`,
  rate: 'Gives at most',
  rateValue: (size: string): string => `${size} a second`,
  receipts: 'Sample receipts',
  receiptsValue: (keys: string, blobs: string): string => `${keys} for ${blobs} blobs`,
  notSybilProof: 'Signed, and not Sybil-proof: keys are free, so they count for no confidence.',
} as const;
