import { TOKEN_DECIMALS } from '@perigee/wire';

/** Amounts are at most 2^128 − 1 smallest units on the wire. */
const MAX_AMOUNT = (1n << 128n) - 1n;

/** What is wrong with a text that is to be an amount. */
export type AmountProblem = 'form' | 'decimals' | 'zero' | 'tooLarge';

/**
 * Reads an amount of whole tokens, such as `12.5`.
 *
 * @returns smallest units, or what is wrong
 */
export function parseTokens(text: string): bigint | AmountProblem {
  const [, whole, fraction = ''] = /^(\d{1,60})(?:\.(\d{1,60}))?$/.exec(text.trim()) ?? [];
  if (whole === undefined) return 'form';
  if (fraction.replace(/0+$/, '').length > TOKEN_DECIMALS) return 'decimals';
  const amount = BigInt(whole + fraction.slice(0, TOKEN_DECIMALS).padEnd(TOKEN_DECIMALS, '0'));
  if (amount === 0n) return 'zero';
  return amount > MAX_AMOUNT ? 'tooLarge' : amount;
}
