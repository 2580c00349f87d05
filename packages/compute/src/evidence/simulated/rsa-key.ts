import { checkPrimeSync, constants, createPrivateKey, createPublicKey, privateEncrypt } from 'node:crypto';
import { sha384 } from '@noble/hashes/sha2.js';
import { concat, toHex, u32be } from '@perigee/wire';
import { explicit, integer, nothing, objectId, sequence } from './der-writer.ts';
import { seeded } from './seed.ts';
import type { SigningKey } from './signing-key.ts';

const E = 65_537n;
const SHA384 = sequence(objectId('2.16.840.1.101.3.4.2.2'), nothing());
const HASH_BYTES = 48;
/** RSASSA-PSS with SHA-384, MGF1 of the same, and a salt of 48 bytes (RFC 4055 §3.1): what AMD signs with. */
const PSS_SHA384 = sequence(
  objectId('1.2.840.113549.1.1.10'),
  sequence(
    explicit(0, SHA384),
    explicit(1, sequence(objectId('1.2.840.113549.1.1.8'), SHA384)),
    explicit(2, integer(HASH_BYTES)),
  ),
);

/** An RSA key and its signatures. The salt comes of key and message, so that the same input gives the same bytes. */
export function rsaKey(seed: Uint8Array, label: string, bits: number): SigningKey {
  const p = seededPrime(seed, `${label}/p`, bits / 2);
  const q = seededPrime(seed, `${label}/q`, bits / 2);
  const n = p * q;
  const d = inverse(E, (p - 1n) * (q - 1n));
  const field = (value: bigint): string => Buffer.from(bytesOf(value)).toString('base64url');
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: field(n),
      e: field(E),
      d: field(d),
      p: field(p),
      q: field(q),
      dp: field(d % (p - 1n)),
      dq: field(d % (q - 1n)),
      qi: field(inverse(q, p)),
    },
  });
  return {
    algorithm: PSS_SHA384,
    spki: new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    sign(message) {
      const hash = sha384(message);
      const salt = seeded(seed, `${label}/salt/${toHex(hash)}`, HASH_BYTES);
      const encoded = encodePss(hash, salt, bits);
      return new Uint8Array(privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded));
    },
  };
}

/** EMSA-PSS of a hash (RFC 8017 §9.1.1), with as many bytes as the modulus. */
function encodePss(hash: Uint8Array, salt: Uint8Array, modulusBits: number): Uint8Array {
  const length = modulusBits / 8;
  const h = sha384(concat(new Uint8Array(8), hash, salt));
  const block = new Uint8Array(length - HASH_BYTES - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  const mask = mgf1(h, block.length);
  const masked = block.map((byte, i) => byte ^ (mask[i] as number));
  masked[0] = (masked[0] as number) & 0x7f; // emBits is one less than the modulus has
  return concat(masked, h, Uint8Array.of(0xbc));
}

function mgf1(seed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES);
  for (let i = 0; i * HASH_BYTES < length; i++) out.set(sha384(concat(seed, u32be(i))), i * HASH_BYTES);
  return out.subarray(0, length);
}

/** Primes from 3 to 2,000: of odd numbers, one in seven has none of them, and only these are worth handing to OpenSSL. */
const SMALL_PRIMES = Array.from({ length: 1_000 }, (_, i) => 2 * i + 3).filter((odd) => {
  for (let factor = 3; factor * factor <= odd; factor += 2) if (odd % factor === 0) return false;
  return true;
});

/** The first prime after a seeded start whose two highest bits are set, with p − 1 prime to E. */
function seededPrime(seed: Uint8Array, label: string, bits: number): bigint {
  const start = BigInt(`0x${toHex(seeded(seed, label, bits / 8))}`) | (3n << BigInt(bits - 2)) | 1n;
  const rests = SMALL_PRIMES.map((prime) => Number(start % BigInt(prime)));
  for (let step = 0; ; step += 2) {
    if (SMALL_PRIMES.some((prime, i) => ((rests[i] as number) + step) % prime === 0)) continue;
    const candidate = start + BigInt(step);
    if ((candidate - 1n) % E !== 0n && checkPrimeSync(bytesOf(candidate), { checks: 20 })) return candidate;
  }
}

function bytesOf(value: bigint): Uint8Array {
  const digits = value.toString(16);
  return Uint8Array.from(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}

/** Of a modulo m, by Euclid's extended algorithm. */
function inverse(a: bigint, m: bigint): bigint {
  let [r, next] = [m, a % m];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return ((t % m) + m) % m;
}
