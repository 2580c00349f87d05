/** In Node and in Chromium, whose WebCrypto differ in what they accept. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { MAX_CACHED_KEYS, u32le, utf8 } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import {
  bestEd25519,
  fastThenNoble,
  firstInvalid,
  nobleEd25519,
  type SubtleVerifier,
  type VerifyEd25519,
  webCryptoEd25519,
} from '../../src/signature/index.ts';
import { smallOrderCases } from './zip215.ts';

const message = utf8('Zcash');
const secretKey = sha256(utf8('signature test'));
const publicKey = ed25519.getPublicKey(secretKey);
const signature = ed25519.sign(message, secretKey);
const subtle: SubtleVerifier = globalThis.crypto.subtle;

const throwing: VerifyEd25519 = () => Promise.reject(new Error('not supported'));
const refusing: VerifyEd25519 = async () => false;

const verifiers: [string, VerifyEd25519][] = [
  ['noble', nobleEd25519],
  ['WebCrypto, then noble', bestEd25519(subtle)],
  ['without WebCrypto', bestEd25519(undefined)],
  ['a fast verifier that throws', fastThenNoble(throwing)],
  ['a fast verifier that refuses', fastThenNoble(refusing)],
];

describe.each(verifiers)('%s', (_, verify) => {
  test('accepts all 196 small-order cases of ZIP-215', async () => {
    const cases = smallOrderCases();
    expect(cases).toHaveLength(196);
    const verdicts = await Promise.all(cases.map((c) => verify(c.publicKey, message, c.signature)));
    expect(verdicts.filter((verdict) => verdict)).toHaveLength(196);
  });

  test('accepts a signature and refuses it with any byte changed', async () => {
    expect(await verify(publicKey, message, signature)).toBe(true);
    for (let i = 0; i < 64; i++) {
      const changed = signature.slice();
      changed[i] = (changed[i] ?? 0) ^ 0x20;
      expect(await verify(publicKey, message, changed)).toBe(false);
    }
    expect(await verify(publicKey, utf8('Zcasg'), signature)).toBe(false);
    expect(await verify(ed25519.getPublicKey(sha256(publicKey)), message, signature)).toBe(false);
  });

  test('refuses other lengths, and s that is not reduced', async () => {
    expect(await verify(publicKey.slice(1), message, signature)).toBe(false);
    expect(await verify(publicKey, message, signature.slice(1))).toBe(false);
    expect(await verify(publicKey, message, new Uint8Array(65))).toBe(false);
    expect(await verify(new Uint8Array(0), message, new Uint8Array(0))).toBe(false);
    // s + the group order: the same equation, and malleable
    const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
    let s = 0n;
    for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(signature[i] ?? 0);
    const malleated = signature.slice();
    for (let i = 32, rest = s + order; i < 64; i++, rest >>= 8n) malleated[i] = Number(rest & 0xffn);
    expect(await verify(publicKey, message, malleated)).toBe(false);
  });
});

test('WebCrypto alone accepts nothing that ZIP-215 refuses', async () => {
  const fast = webCryptoEd25519(subtle);
  for (const c of smallOrderCases()) {
    const verdict = await fast(c.publicKey, message, c.signature).catch(() => false);
    if (verdict) expect(await nobleEd25519(c.publicKey, message, c.signature)).toBe(true);
  }
  expect(await fast(publicKey, message, signature)).toBe(true);
});

test('a key is imported once, and the cache is bounded', async () => {
  let imports = 0;
  const counting: SubtleVerifier = {
    importKey: (format, keyData, algorithm, extractable, usages) => {
      imports++;
      return subtle.importKey(format, keyData, algorithm, extractable, usages);
    },
    verify: (algorithm, key, signed, data) => subtle.verify(algorithm, key, signed, data),
  };
  const fast = webCryptoEd25519(counting);
  for (let i = 0; i < 3; i++) expect(await fast(publicKey, message, signature)).toBe(true);
  expect(imports).toBe(1);
  for (let i = 0; i < MAX_CACHED_KEYS; i++) await fast(sha256(u32le(i)), message, signature).catch(() => false);
  expect(await fast(publicKey, message, signature)).toBe(true);
  expect(imports).toBe(MAX_CACHED_KEYS + 2);
});

test('views on shared memory are verified alike', async () => {
  if (typeof SharedArrayBuffer === 'undefined') return;
  const share = (bytes: Uint8Array): Uint8Array => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  };
  expect(await webCryptoEd25519(subtle)(share(publicKey), share(message), share(signature))).toBe(true);
  expect(await bestEd25519(subtle)(share(publicKey), share(utf8('other')), share(signature))).toBe(false);
});

describe('firstInvalid', () => {
  const signed = Array.from({ length: 50 }, (_, i) => {
    const body = u32le(i);
    return { publicKey, message: body, signature: ed25519.sign(body, secretKey) };
  });

  test('finds nothing wrong in right ones', async () => {
    expect(await firstInvalid(bestEd25519(subtle), signed)).toBeUndefined();
    expect(await firstInvalid(bestEd25519(subtle), [])).toBeUndefined();
  });

  test.each([0, 15, 16, 17, 49])('finds number %i', async (wrong) => {
    const mixed = signed.map((one, i) => (i >= wrong ? { ...one, message } : one));
    expect(await firstInvalid(bestEd25519(subtle), mixed)).toBe(wrong);
  });
});
