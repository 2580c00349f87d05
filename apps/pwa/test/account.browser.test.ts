import { nobleEd25519 } from '@perigee/light-core/signature';
import { PerigeeError, toHex, utf8 } from '@perigee/wire';
import { createStore, del, get, set } from 'idb-keyval';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { accountKey } from '../src/requests/account.ts';

const message = utf8('a promise');

beforeEach(() => del('ed25519', createStore('perigee-account', 'keys')));
afterEach(() => vi.restoreAllMocks());

it('a key is made once, signs as ZIP-215 has it, and its bytes cannot be read', async () => {
  const [first, second] = await Promise.all([accountKey(), accountKey()]);
  const { signer, kind } = await accountKey();
  expect(new Set([first, second].map((key) => toHex(key.signer.publicKey)))).toEqual(new Set([toHex(signer.publicKey)]));
  expect(await nobleEd25519(signer.publicKey, message, await signer.sign(message))).toBe(true);
  expect(kind).toBe('browser');
  const kept = await get<{ pair: CryptoKeyPair }>('ed25519', createStore('perigee-account', 'keys'));
  await expect(crypto.subtle.exportKey('pkcs8', kept?.pair.privateKey as CryptoKey)).rejects.toThrow();
});

it('a browser without Ed25519 keeps the bytes, and says so', async () => {
  vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValue(new DOMException('no', 'NotSupportedError'));
  const { signer, kind } = await accountKey();
  expect(kind).toBe('stored');
  expect(await nobleEd25519(signer.publicKey, message, await signer.sign(message))).toBe(true);
  expect(toHex((await accountKey()).signer.publicKey)).toBe(toHex(signer.publicKey));
});

it('an entry that is no key is refused, and not replaced', async () => {
  const store = createStore('perigee-account', 'keys');
  await set('ed25519', { version: 2 }, store);
  await expect(accountKey()).rejects.toSatisfy((error) => PerigeeError.from(error).code === 'STORE_CORRUPT');
  expect(await get('ed25519', store)).toEqual({ version: 2 });
});
