import { pureJsCrypto } from '@libp2p/noise';
import { toHex } from '@perigee/wire';
import { expect, it, vi } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { readyKeyPairs } from '../src/noise.browser.ts';

const BASE = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));

it('gives handshakes pairs that the browser has made, each once, and the library’s when there is none', async () => {
  const asked = vi.spyOn(crypto.subtle, 'generateKey');
  readyKeyPairs();
  const seen = new Set<string>();
  const take = () => {
    const { publicKey, privateKey } = pureJsCrypto.generateX25519KeyPair();
    expect(toHex(publicKey as Uint8Array)).toBe(toHex(pureJsCrypto.generateX25519SharedKey(privateKey, BASE)));
    seen.add(toHex(privateKey as Uint8Array));
  };
  for (let i = 0; i < 20; i++) take(); // more than are ready
  expect(seen.size).toBe(20);
  const before = asked.mock.calls.length;
  await eventually(() => {
    take();
    expect(asked.mock.calls.length).toBeGreaterThan(before); // one was taken, and another ordered
  });
  expect(asked.mock.calls.length).toBeLessThanOrEqual(seen.size + 8);

  asked.mockRejectedValue(new DOMException('no such algorithm', 'NotSupportedError'));
  for (let i = 0; i < 20; i++) take();
  expect(new Set(seen).size).toBeGreaterThan(40);
  asked.mockRestore();
});
