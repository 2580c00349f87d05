import { fromHex, toHex, utf8 } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { bestEd25519, nobleEd25519, webCryptoEd25519 } from '../../src/signature/index.ts';
import { hasRecorded, recorded } from '../comet/recorded.ts';
import { smallOrderCases } from './zip215.ts';

describe.skipIf(!hasRecorded)('the 196 ZIP-215 vectors (../shared/vectors/comet)', () => {
  const vectors: { vk_bytes: string; sig_bytes: string; valid_zip215: boolean }[] = hasRecorded ? recorded('zip215.json') : [];
  const message = utf8('Zcash');

  test('noble, and WebCrypto of Node before noble, give the verdict of ZIP-215; WebCrypto alone never accepts more', async () => {
    expect(vectors).toHaveLength(196);
    const best = bestEd25519(crypto.subtle);
    const fast = webCryptoEd25519(crypto.subtle);
    for (const { vk_bytes, sig_bytes, valid_zip215 } of vectors) {
      const [key, signature] = [fromHex(vk_bytes), fromHex(sig_bytes)];
      expect(await nobleEd25519(key, message, signature)).toBe(valid_zip215);
      expect(await best(key, message, signature)).toBe(valid_zip215);
      if (await fast(key, message, signature).catch(() => false)) expect(valid_zip215).toBe(true);
    }
  });

  test('are the cases that the repository makes itself', () => {
    const name = (key: string, signature: string) => `${key} ${signature}`;
    const made = smallOrderCases().map((c) => name(toHex(c.publicKey), toHex(c.signature)));
    expect(made.toSorted()).toEqual(vectors.map((v) => name(v.vk_bytes, v.sig_bytes)).toSorted());
  });
});
