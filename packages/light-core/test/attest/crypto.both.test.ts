/** WebCrypto and noble give the same verdict, in Node and in Chromium: also on what implementations are known to differ about. */
import { p256, p384 } from '@noble/curves/nist.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { concat, fromHex, toHex, utf8 } from '@perigee/wire';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomOf } from '../../../../tests/kit/random.ts';
import { type AttestSubtle, type EcKey, type RsaKey, webCryptoAttest } from '../../src/attest/index.ts';
import { nobleAttest } from '../../src/attest/noble/index.ts';

const ROUNDS = process.env.PERIGEE_LONG === '1' ? 2_000 : 40;
const { subtle } = globalThis.crypto;
const web = webCryptoAttest(subtle as AttestSubtle<CryptoKey>);
const message = utf8('a report of a trust domain');

const CURVES = [
  { type: 'P-256', curve: p256, bytes: 32 },
  { type: 'P-384', curve: p384, bytes: 48 },
] as const;

async function agree(key: EcKey, text: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const verdict = await web.verifyEcdsa(key, text, signature);
  expect(await nobleAttest.verifyEcdsa(key, text, signature)).toBe(verdict);
  return verdict;
}

function bigEndian(value: bigint, bytes: number): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * bytes, '0'));
}

describe.each(CURVES)('ECDSA on $type', ({ type, curve, bytes }) => {
  const secret = curve.utils.randomSecretKey();
  const key: EcKey = { type, point: curve.getPublicKey(secret, false) };
  const signature = curve.sign(message, secret, { lowS: true });
  const { n: order, p: prime } = curve.Point.CURVE();
  const r = signature.subarray(0, bytes);
  const s = BigInt(`0x${toHex(signature.subarray(bytes))}`);
  const parts = (first: Uint8Array | bigint, second: bigint): Uint8Array =>
    concat(typeof first === 'bigint' ? bigEndian(first, bytes) : first, bigEndian(second, bytes));

  test('takes a signature with low s and with high s, and refuses it over another message', async () => {
    expect(await agree(key, message, signature)).toBe(true);
    expect(await agree(key, message, parts(r, order - s))).toBe(true);
    expect(await agree(key, utf8('another'), signature)).toBe(false);
  });

  test('takes r and s from 1 to n − 1 alone', async () => {
    const all = 2n ** BigInt(8 * bytes) - 1n;
    for (const value of [0n, order, order + 1n, all]) {
      expect(await agree(key, message, parts(value, s))).toBe(false);
      expect(await agree(key, message, parts(r, value))).toBe(false);
      expect(await agree(key, message, parts(value, value))).toBe(false);
    }
    // the same equation modulo n, where it fits
    if (s + order <= all) expect(await agree(key, message, parts(r, s + order))).toBe(false);
    for (const value of [1n, order - 1n]) expect(await agree(key, message, parts(value, value))).toBe(false);
  });

  test('refuses signatures and keys of other lengths and forms', async () => {
    for (const length of [0, 1, 2 * bytes - 1, 2 * bytes + 1, bytes]) {
      expect(await agree(key, message, new Uint8Array(length))).toBe(false);
      expect(await agree(key, message, concat(signature, new Uint8Array(1)).subarray(0, length))).toBe(false);
    }
    const { point } = key;
    const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)];
    const odd = (y.at(-1) ?? 0) & 1;
    const forms = {
      compressed: concat(Uint8Array.of(2 + odd), x),
      hybrid: concat(Uint8Array.of(6 + odd), x, y),
      infinity: Uint8Array.of(0),
      'infinity, padded': new Uint8Array(1 + 2 * bytes),
      raw: concat(x, y),
      empty: new Uint8Array(0),
      'off the curve': concat(Uint8Array.of(4), x, bigEndian(BigInt(`0x${toHex(y)}`) ^ 1n, bytes)),
      'zero, which is off the curve': concat(Uint8Array.of(4), new Uint8Array(2 * bytes)),
      'x not below the prime': concat(Uint8Array.of(4), bigEndian(prime, bytes), y),
      'negated, which is another key': concat(Uint8Array.of(4), x, bigEndian(prime - BigInt(`0x${toHex(y)}`), bytes)),
    };
    for (const [name, form] of Object.entries(forms)) {
      expect(await agree({ type, point: form }, message, signature), name).toBe(false);
    }
  });

  test('takes no key of the other curve', async () => {
    const other = CURVES.find((one) => one.type !== type) as (typeof CURVES)[number];
    const point = other.curve.getPublicKey(other.curve.utils.randomSecretKey(), false);
    expect(await agree({ type, point }, message, signature)).toBe(false);
    expect(await agree({ type: other.type, point: key.point }, message, signature)).toBe(false);
    const theirs = other.curve.sign(message, other.curve.utils.randomSecretKey());
    expect(await agree(key, message, theirs)).toBe(false);
  });

  test(`agrees on ${ROUNDS} signatures, right and changed`, { timeout: 300_000 }, async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    for (let round = 0; round < ROUNDS; round++) {
      const own = curve.utils.randomSecretKey(random.bytes(bytes + bytes / 2));
      const text = random.bytes(random.below(200));
      const ownKey: EcKey = { type, point: curve.getPublicKey(own, false) };
      const ownSignature = curve.sign(text, own, { lowS: random.chance(0.5) });
      expect(await agree(ownKey, text, ownSignature)).toBe(true);
      const changed = ownSignature.slice();
      const at = random.below(changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 + random.below(255));
      expect(await agree(ownKey, text, changed)).toBe(false);
    }
  });
});

describe('RSASSA-PSS', () => {
  const algorithm = (hash: string) => ({ name: 'RSA-PSS', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash });
  let pair: CryptoKeyPair;
  let key: RsaKey;
  let right: Uint8Array;

  const signed = async (secret: CryptoKey, saltLength: number, text = message): Promise<Uint8Array> =>
    new Uint8Array(await subtle.sign({ name: 'RSA-PSS', saltLength }, secret, Uint8Array.from(text)));

  async function rsaKey(publicKey: CryptoKey): Promise<RsaKey> {
    const spki = new Uint8Array(await subtle.exportKey('spki', publicKey));
    const { n = '' } = await subtle.exportKey('jwk', publicKey);
    const base64 = n.replaceAll('-', '+').replaceAll('_', '/');
    return { type: 'RSA', spki, modulus: Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)) };
  }

  async function agreeRsa(given: RsaKey, text: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const verdict = await web.verifyRsaPss(given, text, signature);
    expect(await nobleAttest.verifyRsaPss(given, text, signature)).toBe(verdict);
    return verdict;
  }

  beforeAll(async () => {
    pair = await subtle.generateKey(algorithm('SHA-384'), true, ['sign', 'verify']);
    key = await rsaKey(pair.publicKey);
    right = await signed(pair.privateKey, 48);
  });

  test('takes a signature, and refuses it over another message, by another key, and with any bit changed', async () => {
    expect(await agreeRsa(key, message, right)).toBe(true);
    expect(await agreeRsa(key, utf8('another'), right)).toBe(false);
    const other = await subtle.generateKey(algorithm('SHA-384'), true, ['sign', 'verify']);
    expect(await agreeRsa(await rsaKey(other.publicKey), message, right)).toBe(false);
    for (let at = 0; at < right.length; at += 5) {
      expect(
        await agreeRsa(
          key,
          message,
          right.map((byte, i) => (i === at ? byte ^ 0x10 : byte)),
        ),
      ).toBe(false);
    }
  });

  test('takes 48 bytes of salt and SHA-384 alone', async () => {
    for (const salt of [0, 20, 32, 47, 49, 64]) {
      expect(await agreeRsa(key, message, await signed(pair.privateKey, salt)), `${salt} bytes of salt`).toBe(false);
    }
    const pkcs8 = await subtle.exportKey('pkcs8', pair.privateKey);
    for (const hash of ['SHA-256', 'SHA-512']) {
      const secret = await subtle.importKey('pkcs8', pkcs8, { name: 'RSA-PSS', hash }, false, ['sign']);
      expect(await agreeRsa(key, message, await signed(secret, 48)), hash).toBe(false);
    }
    const old = await subtle.importKey('pkcs8', pkcs8, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' }, false, ['sign']);
    const pkcs1 = new Uint8Array(await subtle.sign('RSASSA-PKCS1-v1_5', old, Uint8Array.from(message)));
    expect(await agreeRsa(key, message, pkcs1)).toBe(false);
  });

  test('refuses other lengths, and numbers that are not below the modulus', async () => {
    for (const signature of [
      new Uint8Array(0),
      right.subarray(1),
      concat(right, new Uint8Array(1)),
      concat(new Uint8Array(1), right),
      new Uint8Array(right.length),
      new Uint8Array(right.length).fill(0xff),
      key.modulus,
    ]) {
      expect(await agreeRsa(key, message, signature)).toBe(false);
    }
    const short = { ...key, modulus: key.modulus.subarray(1) };
    expect(await agreeRsa(short, message, right.subarray(1))).toBe(false);
    const huge = { ...key, modulus: new Uint8Array(1024).fill(0xff) };
    expect(await agreeRsa(huge, message, new Uint8Array(1024))).toBe(false);
  });
});

test('digests are those of noble', async ({ onTestFailed }) => {
  const random = randomOf(onTestFailed);
  for (const length of [0, 1, 55, 56, 111, 112, 128, 1_000]) {
    const bytes = random.bytes(length);
    for (const primitives of [web, nobleAttest]) {
      expect(await primitives.sha256(bytes)).toEqual(sha256(bytes));
      expect(await primitives.sha384(bytes)).toEqual(sha384(bytes));
      expect(await primitives.sha512(bytes)).toEqual(sha512(bytes));
    }
  }
});
