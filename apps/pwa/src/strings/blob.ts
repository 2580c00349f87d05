import type { BlobView } from '@perigee/sampler';

export const blob = {
  title: 'Blob',
  waiting: 'Waiting for a blob of this chain',
  id: 'Blob id',
  size: 'Size',
  code: 'Code',
  codeValue: (k: string, n: string, rowSize: string): string => `${k} + ${n} rows of ${rowSize}`,
  namespace: 'Namespace',
  recorded: 'Recorded',
  recordedValue: (height: string, provedAt: string): string => `${height}, proved by ${provedAt}`,
  expires: 'Kept until',
  operators: 'Answered by',
  operatorsValue: (n: number): string => (n === 1 ? '1 committee key' : `${n} committee keys`),
  trust: 'Certified by',
  trustValue: (share: string, signers: string, members: string): string => `${share} of stake, ${signers} / ${members} keys`,
  trustNote: 'Trust in signers. It stands apart from what this browser checked and is never added to it.',
  phase: 'State',
} as const;

export const blobPhase: Record<BlobView['phase'], string> = {
  proving: 'named by a peer, not proved',
  priming: 'opening the commitment',
  sampling: 'sampling',
  done: 'sampled',
  failed: 'stopped',
};

export const recent = {
  title: 'Recent blobs',
  none: 'None yet.',
  progress: (verified: string, drawn: string): string => `${verified} of ${drawn} rows`,
} as const;
