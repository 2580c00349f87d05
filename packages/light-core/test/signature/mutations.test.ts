/** What fast verifiers accept, ZIP-215 accepts (PROTOCOL §7): signatures that are right, nearly right, and made to divide verifiers. */
import { createPublicKey, verify as nodeVerify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bestEd25519, nobleEd25519, type VerifyEd25519, webCryptoEd25519 } from '@perigee/light-core/signature';
import { concat, fromHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { type Random, randomOf } from '../../../../tests/kit/random.ts';
import { smallOrderCases } from './zip215.ts';

const MUTATIONS = process.env.PERIGEE_LONG === '1' ? 100_000 : 150;
const ORDER = ed25519.Point.Fn.ORDER;
const DER_PREFIX = fromHex('302a300506032b6570032100');

const nodeCrypto: VerifyEd25519 = async (publicKey, message, signature) => {
  const key = createPublicKey({ key: Buffer.from(concat(DER_PREFIX, publicKey)), format: 'der', type: 'spki' });
  return nodeVerify(null, message, key, signature);
};
const FAST: Readonly<Record<string, VerifyEd25519>> = { 'node:crypto': nodeCrypto, WebCrypto: webCryptoEd25519(crypto.subtle) };

interface Signed {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

function signed(random: Random): Signed {
  const secret = random.bytes(32);
  const message = random.bytes(random.below(100));
  return { publicKey: ed25519.getPublicKey(secret), message, signature: ed25519.sign(message, secret) };
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function scalarOf(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function flipped(random: Random, bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes);
  const bit = random.below(8 * out.length);
  if (out.length > 0) out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return out;
}

const torsion = smallOrderCases().map(({ publicKey }) => publicKey);
const MUTATE: readonly ((random: Random, one: Signed) => Signed)[] = [
  (_, one) => one,
  (random, one) => ({ ...one, signature: flipped(random, one.signature) }),
  (random, one) => ({ ...one, publicKey: flipped(random, one.publicKey) }),
  (random, one) => ({ ...one, message: flipped(random, concat(one.message, random.bytes(1))) }),
  // the same s modulo the order
  (random, { signature, ...one }) => ({
    ...one,
    signature: concat(
      signature.subarray(0, 32),
      scalarOf(numberOf(signature.subarray(32)) + BigInt(random.between(1, 7)) * ORDER),
    ),
  }),
  // points of small order in place of key or R, and s of nothing
  (random, one) => ({ ...one, publicKey: random.pick(torsion) }),
  (random, { signature, ...one }) => ({ ...one, signature: concat(random.pick(torsion), signature.subarray(32)) }),
  (random, one) => ({ ...one, publicKey: random.pick(torsion), signature: concat(random.pick(torsion), new Uint8Array(32)) }),
  // R with a component of small order: its signature holds with the cofactor only
  (random, one) => mixedOrder(random, one),
];

/** A signature by a key in whose R a point of small order hides, with the challenge of that R. */
function mixedOrder(random: Random, { message }: Signed): Signed {
  const secret = random.bytes(32);
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(secret);
  const nonce = numberOf(random.bytes(32)) % ORDER;
  const small = ed25519.Point.fromBytes(random.pick(torsion), true);
  const r = ed25519.Point.BASE.multiply(nonce || 1n)
    .add(small)
    .toBytes();
  const challenge = numberOf(sha512(concat(r, pointBytes, message))) % ORDER;
  const s = ((nonce || 1n) + challenge * scalar) % ORDER;
  return { publicKey: pointBytes, message, signature: concat(r, scalarOf(s)) };
}

it(`hold for ${MUTATIONS} mutations`, { timeout: 3_600_000 }, async ({ onTestFailed }) => {
  const random = randomOf(onTestFailed);
  const best = bestEd25519(crypto.subtle);
  const verdicts = { accepted: 0, refused: 0, onlyByCofactor: 0 };
  for (let i = 0; i < MUTATIONS; i++) {
    const { publicKey, message, signature } = random.pick(MUTATE)(random, signed(random));
    const noble = await nobleEd25519(publicKey, message, signature);
    expect(await best(publicKey, message, signature)).toBe(noble);
    const fast = await Promise.all(Object.values(FAST).map((verify) => verify(publicKey, message, signature).catch(() => false)));
    Object.keys(FAST).forEach((name, j) => {
      if (fast[j] === true) expect(noble, name).toBe(true);
    });
    if (!noble) verdicts.refused++;
    else if (fast.every((yes) => yes)) verdicts.accepted++;
    else verdicts.onlyByCofactor++;
  }
  // each case occurs, or this tries nothing
  for (const count of Object.values(verdicts)) expect(count).toBeGreaterThan(0);
});
