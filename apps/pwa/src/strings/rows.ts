import type { RowVerdict } from '@perigee/sampler';

export const VERDICTS: readonly RowVerdict[] = ['verified', 'asked', 'timeout', 'withheld', 'invalid/peer', 'invalid/encoding'];

/** `name` is for the legend, `meaning` for one row. */
export const verdict: Record<RowVerdict, { readonly name: string; readonly meaning: string }> = {
  asked: { name: 'asked', meaning: 'Asked for, no answer yet.' },
  verified: { name: 'verified', meaning: 'Path and coding checked in this browser.' },
  withheld: { name: 'withheld', meaning: 'Its holder signed for it and refused it, and nobody else gave it.' },
  timeout: { name: 'no answer', meaning: 'No peer answered in time.' },
  'invalid/peer': { name: 'false proof', meaning: 'The proof does not lead to the commitment: the peer that sent it is banned.' },
  'invalid/encoding': {
    name: 'wrongly coded',
    meaning: 'Committed to, yet not what the code demands: evidence against the blob and its signers.',
  },
};

export const rows = {
  title: 'Drawn rows',
  none: 'Rows are drawn once the record is proved.',
  group: 'Drawn rows; arrow keys move between them',
  cell: (index: number, name: string): string => `Row ${index}: ${name}`,
  original: 'original',
  parity: 'parity',
  strip: (drawn: number, total: string): string => `Where the ${drawn} drawn rows lie among all ${total} rows of the blob`,
  stripOriginal: (k: string): string => `${k} original`,
  stripParity: (n: string): string => `${n} parity`,
  hint: 'Point at a row, or move to it by keyboard, to see what became of it.',
  table: 'The same as a table',
  row: 'Row',
  part: 'Part',
  verdict: 'Verdict',
  peer: 'Peer',
  transport: 'Transport',
  answered: 'Answered in',
  checked: 'Checked in',
  bytes: 'Size',
} as const;
