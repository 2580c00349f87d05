import { formatEthereumAddress, parseEthereumAddress } from '@perigee/light-core/signature';
import { fromHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';

/** The examples of ERC-55. */
const EXAMPLES = [
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
];

describe('the address of an Ethereum account', () => {
  it.each(EXAMPLES)('%s is read and written with its checksum', (text) => {
    expect(formatEthereumAddress(fromHex(text))).toBe(text);
    expect(parseEthereumAddress(text)).toEqual(fromHex(text));
    expect(parseEthereumAddress(text.toLowerCase())).toEqual(fromHex(text));
    expect(parseEthereumAddress(`0x${text.slice(2).toUpperCase()}`)).toEqual(fromHex(text));
  });

  it('is refused with one letter in the wrong case, and in another form', () => {
    const [example = ''] = EXAMPLES;
    for (let i = 2; i < example.length; i++) {
      const letter = example[i] ?? '';
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      if (other === letter) continue;
      expect(() => parseEthereumAddress(example.slice(0, i) + other + example.slice(i + 1))).toThrow(/mistyped/);
    }
    for (const wrong of [
      '',
      '0x',
      example.slice(2),
      `${example}0`,
      example.slice(0, -1),
      `${example.slice(0, -1)}g`,
      ` ${example}`,
    ]) {
      expect(() => parseEthereumAddress(wrong)).toThrow(/40 hexadecimal digits/);
    }
  });
});
