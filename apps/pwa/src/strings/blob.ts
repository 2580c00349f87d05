import type { BlobView, Outcome } from '@perigee/sampler';

export const blob = {
  title: 'Blob',
  waiting: 'Waiting for a blob of this chain',
  actions: { retrieve: 'Retrieve and save', copyLink: 'Copy link', saveEvidence: 'Save evidence' },
  earlier: (time: string): string => `Found ${time}, before the light node last started. Nothing of it counts as sampled now.`,
  noOutcome: 'No outcome yet: rows are asked for, each from its holder, until enough is known or the budget is spent.',
  peersLost: 'Its peers were lost before enough was known. Open it again once one answers.',
  found: (time: string): string => `Found ${time}, and true of that time.`,
  policy: 'Policy and record',
  size: 'Size',
  code: 'Code',
  codeValue: (k: string, n: string, rowSize: string): string => `${k} + ${n} rows of ${rowSize}`,
  redundancy: 'Redundancy',
  redundancyValue: (times: number, share: string): string => `${times}×, any ${share} suffices`,
  namespace: 'Namespace',
  recorded: 'Recorded',
  recordedValue: (height: string, provedAt: string): string => `block ${height}, proved by ${provedAt}`,
  expires: 'Kept until',
  expiresValue: (height: string, left: string): string => `block ${height}, ${left} to go`,
  expiresPast: (height: string): string => `block ${height}, which is past`,
  quorum: 'Quorum',
  quorumValue: (share: string): string => `above ${share} of stake`,
  persist: 'After expiry',
  persistValue: (persist: boolean, stored: boolean): string => {
    if (stored) return 'kept on by the nodes that store files';
    return persist ? 'its publisher wants it kept on' : 'it may be forgotten';
  },
  publisher: 'Publisher',
  operators: 'Answered by',
  operatorsValue: (n: number): string => (n === 1 ? '1 committee key' : `${n} committee keys`),
  oneOperator: 'All keys of a development chain belong to one operator.',
  maybeOneOperator: 'Different keys may still belong to one operator.',
  trustTitle: 'Trust, apart from what was measured',
  trust: 'Certified by',
  trustValue: (share: string, signers: string, members: string): string => `${share} of stake, ${signers} of ${members} keys`,
  trustNote: 'Keys that signed that they hold the rows. Never added to what this browser checked.',
  state: 'State',
} as const;

export const blobPhase: Record<BlobView['phase'], string> = {
  proving: 'named by a peer, not proved',
  priming: 'opening the commitment',
  sampling: 'sampling',
  done: 'sampled',
  failed: 'stopped',
};

export const outcome: Record<Outcome, { readonly name: string; readonly meaning: string }> = {
  available: { name: 'available', meaning: 'A blob that cannot be recovered would hardly have shown this many rows.' },
  unavailable: {
    name: 'unavailable',
    meaning: 'Every holder was asked. A blob that can be recovered would hardly have shown so few rows.',
  },
  inconclusive: { name: 'not decided', meaning: 'Within its budget sampling decided neither way. Retrieving the blob decides.' },
  badEncoding: { name: 'wrongly coded', meaning: 'Its signers certified what is no codeword. Do not rely on it.' },
  expired: { name: 'expired', meaning: 'Its time is over: nobody owes its rows any more.' },
};

export const confidence = {
  title: 'What was measured here',
  availability: 'Available',
  encoding: 'Rightly coded',
  bits: 'bits',
  target: (bits: string, isLight: boolean): string => (isLight ? `${bits} needed, a light budget` : `${bits} needed`),
  counts: (verified: string, drawn: string, rounds: number): string =>
    `${verified} of ${drawn} rows, ${rounds === 1 ? '1 round' : `${rounds} rounds`}`,
  budget: (rows: string): string => `at most ${rows} rows`,
  availabilityMeaning: (chance: string): string =>
    `Were too few rows kept to recover the blob, a draw like this would come out this well with a chance of ${chance} at most.`,
  availabilityNothing: 'What came so far does not speak for the blob: one that cannot be recovered would have shown as much.',
  /** It breaks before its operators only: all other spaces hold together. What is taken off for rounds is nothing for one. */
  availabilityFormula: (total: string, one: string, drawn: string, verified: string, rounds: number): string =>
    `−log₂\u00a0P[Hypergeometric(${total},\u00a0${one},\u00a0${drawn}) ≥\u00a0${verified}]${rounds === 1 ? '' : ` −\u00a02\u00a0log₂\u00a0${rounds}`}`,
  against: (bits: string, target: string): string => `Evidence that it cannot be recovered: ${bits} of ${target} bits`,
  rows: (verified: string): string => `${verified} own rows`,
  encodingMeaning: (chance: string): string =>
    `Were the rows not what one code word gives, they would all have passed with a chance of ${chance} at most.`,
  encodingFailed: 'A row failed the check of the code: no confidence is left.',
  encodingFormula: (verified: string, rho: string): string => `${verified} × (1 − log₂(1 + ${rho}))`,
  waitingAvailability: 'Counts once rows have answered.',
  waitingEncoding: 'Counts once rows are verified here.',
} as const;

export const recent = {
  title: 'Recent blobs',
  none: 'None yet.',
  progress: (verified: string, drawn: string): string => `${verified} of ${drawn} rows`,
  bits: (bits: string): string => `${bits} bits`,
  earlier: (time: string): string => `earlier, ${time}`,
} as const;
