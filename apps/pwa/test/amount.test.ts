import { tokensInWords } from '@perigee/light-core/tx';
import { expect, it } from 'vitest';
import { parseTokens } from '../src/amount.ts';

it.each([
  ['1', 10n ** 18n],
  ['12.5', 125n * 10n ** 17n],
  [' 0.000000000000000001 ', 1n],
  ['007.10', 71n * 10n ** 17n],
  ['0.5000000000000000000', 5n * 10n ** 17n],
  ['340282366920938463463.374607431768211455', 2n ** 128n - 1n],
  ['340282366920938463463.374607431768211456', 'tooLarge'],
  ['0.0000000000000000001', 'decimals'],
  ['0', 'zero'],
  ['0.0', 'zero'],
  ...['', ' ', '.5', '5.', '-1', '+1', '1e18', '1,000', '0x1', '1 0', '١', 'NaN', '9'.repeat(61)].map(
    (text) => [text, 'form'] as const,
  ),
] as const)('"%s" is %s', (text, amount) => {
  expect(parseTokens(text)).toBe(amount);
});

it('an amount in words is read as it was', () => {
  for (const amount of [1n, 10n ** 18n, 123_456_789_012_345_678_901n]) {
    expect(parseTokens(tokensInWords(amount).replace(' tokens', ''))).toBe(amount);
  }
});
