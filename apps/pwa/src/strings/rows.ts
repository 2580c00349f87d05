import type { RowVerdict } from '@perigee/sampler';

export const MARKED: readonly (RowVerdict | 'page')[] = [
  'verified',
  'page',
  'asked',
  'timeout',
  'withheld',
  'invalid/peer',
  'invalid/encoding',
];

/** `name` is for the legend, `meaning` for one row. */
export const verdict: Record<RowVerdict | 'page' | 'none', { readonly name: string; readonly meaning: string }> = {
  none: { name: 'not asked', meaning: 'Not asked for: nothing is known of it.' },
  asked: { name: 'asked', meaning: 'Asked for, no answer yet.' },
  verified: { name: 'verified', meaning: 'Path and coding checked in this browser.' },
  page: { name: 'from other pages', meaning: 'Given by another page, path and coding checked in this browser.' },
  withheld: { name: 'withheld', meaning: 'Its holder signed for it and refused it, and nobody else gave it.' },
  timeout: { name: 'no answer', meaning: 'No peer answered in time.' },
  'invalid/peer': { name: 'false proof', meaning: 'The proof does not lead to the commitment: the peer that sent it is banned.' },
  'invalid/encoding': {
    name: 'wrongly coded',
    meaning: 'Committed to, yet not what the code demands: evidence against the blob and its signers.',
  },
};

export const rows = {
  title: 'Rows of this blob',
  none: 'Rows are drawn once the record is proved.',
  map: 'Row of the blob. Page Up and Page Down lead to asked rows.',
  keys: 'Point at the map, or use its keys: arrows move by a row or a line, Page Up and Page Down to the next asked row, Home and End to the ends.',
  previous: 'Previous asked row',
  next: 'Next asked row',
  rowName: (index: string, part: string): string => `Row ${index}, ${part}.`,
  original: 'original',
  parity: 'parity',
  counts: (k: string, n: string): string =>
    `${k} original rows, tinted: the data itself. Then ${n} parity rows, computed from them: any ${k} of all give the data back.`,
  countsUnknown: 'One cell for each row: original rows, the data itself, then parity rows, computed from them.',
  spoken: {
    from: (peer: string): string => `Peer ${peer}.`,
    answered: (time: string): string => `Answered in ${time}.`,
    size: (size: string): string => `${size}.`,
  },
  table: 'Asked rows as a table',
  tableTitle: 'Asked rows',
  row: 'Row',
  part: 'Part',
  verdict: 'Verdict',
  peer: 'Peer',
  transport: 'Transport',
  answered: 'Answered in',
  checked: 'Checked in',
  bytes: 'Size',
  depth: 'Proof depth',
} as const;
