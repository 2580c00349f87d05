/** Amounts and heights as a wallet shows them. Two different values never have the same words: the words are what is signed. */
import { TOKEN_DECIMALS } from '@perigee/wire';

/** @param amount smallest units @returns such as `12.5 tokens`: no digit is left out, none is needless */
export function tokensInWords(amount: bigint): string {
  const digits = amount.toString().padStart(TOKEN_DECIMALS + 1, '0');
  const whole = digits.slice(0, -TOKEN_DECIMALS);
  const fraction = digits.slice(-TOKEN_DECIMALS).replace(/0+$/, '');
  return `${whole}${fraction === '' ? '' : `.${fraction}`} tokens`;
}

export function blockInWords(height: number): string {
  return `block ${height}`;
}
