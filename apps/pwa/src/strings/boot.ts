import type { BootStep } from '@perigee/sampler';

export const boot = { title: 'From start to first row', pending: 'waiting' } as const;

export const bootStep: Record<BootStep['name'], string> = {
  worker: 'Worker',
  network: 'Network',
  connect: 'Peer',
  header: 'Block',
  state: 'Record',
  prime: 'Commitment',
  row: 'First row',
};

export const slower = 'Slower than usual: the page is still trying.';
