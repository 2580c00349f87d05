import { tokensInWords } from '@perigee/light-core/tx';

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** Smallest units, short. */
export function units(amount: bigint): string {
  return compact.format(amount);
}

/** Smallest units as tokens of the chain. */
export function tokens(amount: bigint): string {
  return tokensInWords(amount);
}
