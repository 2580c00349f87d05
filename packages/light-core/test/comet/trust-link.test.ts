import { fromHex, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { formatTrustLink, genesisPrefixOf, parseTrustLink } from '../../src/comet/index.ts';

const HASH = 'ab'.repeat(32);
const TEXT = `local-0a1b2c3d:17:${HASH}`;

it('a trust link is read with and without its prefix, and written back', () => {
  const link = parseTrustLink(TEXT);
  expect(link).toEqual({ chainId: 'local-0a1b2c3d', height: 17, headerHash: fromHex(HASH) });
  expect(parseTrustLink(`#trust=${TEXT}`)).toEqual(link);
  expect(formatTrustLink(link)).toBe(TEXT);
  expect(toHex(genesisPrefixOf(link.chainId))).toBe('0a1b2c3d');
});

it.each([
  ['nothing', ''],
  ['a chain id without genesis digits', `local:17:${HASH}`],
  ['upper-case genesis digits', `local-0A1B2C3D:17:${HASH}`],
  ['a chain id with markup', `<b>-0a1b2c3d:17:${HASH}`],
  ['a chain id that is too long', `${'x'.repeat(42)}-0a1b2c3d:17:${HASH}`],
  ['height 0', `local-0a1b2c3d:0:${HASH}`],
  ['a height with a leading zero', `local-0a1b2c3d:017:${HASH}`],
  ['a height that is no exact number', `local-0a1b2c3d:9999999999999999:${HASH}`],
  ['a short hash', `local-0a1b2c3d:17:${HASH.slice(2)}`],
  ['an upper-case hash', `local-0a1b2c3d:17:${HASH.toUpperCase()}`],
  ['something after it', `${TEXT}&peer=x`],
  ['two lines', `${TEXT}\n`],
])('%s is no trust link', (_what, text) => {
  expect(() => parseTrustLink(text)).toThrow(expect.objectContaining({ code: 'TRUST_ROOT' }));
});
