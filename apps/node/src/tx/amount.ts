import { PerigeeError, TOKEN_DECIMALS } from '@perigee/wire';

/** Amounts are at most 2^128 − 1 smallest units. */
const MAX_AMOUNT = (1n << 128n) - 1n;

/**
 * Reads tokens such as `12.5`.
 *
 * @returns smallest units
 * @throws INVALID_ARGUMENT
 */
export function readTokens(text: string, name: string): bigint {
  const [, whole, fraction = ''] = /^(\d{1,40})(?:\.(\d{1,18}))?$/.exec(text) ?? [];
  if (whole === undefined) {
    const words = `${name} is "${text.slice(0, 80)}"; it must be a number of tokens such as 12.5, with at most ${TOKEN_DECIMALS} decimals`;
    throw new PerigeeError('INVALID_ARGUMENT', words);
  }
  const amount = BigInt(whole + fraction.padEnd(TOKEN_DECIMALS, '0'));
  if (amount > MAX_AMOUNT) throw new PerigeeError('INVALID_ARGUMENT', `${name} is more than any chain has`);
  return amount;
}
