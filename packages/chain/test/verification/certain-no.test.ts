import { ed25519 } from '@noble/curves/ed25519.js';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { smallOrderCases } from '../../../light-core/test/signature/zip215.ts';
import { detectEd25519, isCertainNo, type NativeEd25519 } from '../../src/verification/native.ts';
import { newSeed, randomFrom } from '../state/random.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const { Point } = ed25519;

/** By noble, so that it is tested where no native library is installed. */
const byNoble: NativeEd25519 = {
  name: 'sodium-native',
  verify: (publicKey, message, signature) => ed25519.verify(signature, message, publicKey, { zip215: false }),
  isOrdinary(point) {
    try {
      const { x, y } = Point.fromBytes(point, false).toAffine();
      const found = Point.fromAffine({ x, y });
      return found.isTorsionFree() && !found.isSmallOrder();
    } catch {
      return false;
    }
  },
};
const natives = [byNoble, detectEd25519()].filter(({ isOrdinary }) => isOrdinary !== undefined);

describe.each(natives)('a certain no, by $name', (native) => {
  it('is one of noble, of mutations and of keys and points with a part of small order', async () => {
    const seed = newSeed();
    const random = randomFrom(seed);
    const bytes = (length: number) => Uint8Array.from({ length }, () => random(256));
    const torsion = smallOrderCases().flatMap(({ publicKey }) => {
      try {
        return [Point.fromBytes(publicKey, true)];
      } catch {
        return [];
      }
    });
    const secrets = Array.from({ length: 8 }, () => bytes(32));
    let certain = 0;
    for (let i = 0; i < (LONG ? 20_000 : 200); i++) {
      const secret = secrets[random(secrets.length)] as Uint8Array;
      const message = bytes(random(100));
      const publicKey = ed25519.getPublicKey(secret);
      const signature = ed25519.sign(message, secret);
      const added = torsion[random(torsion.length)] as (typeof torsion)[number];
      const kind = random(4);
      if (kind === 0) publicKey.set(Point.fromBytes(publicKey).add(added).toBytes());
      else if (kind === 1) signature.set(Point.fromBytes(signature.subarray(0, 32)).add(added).toBytes());
      else if (kind === 2) signature[random(64)] = random(256);
      else if (kind === 3) message[0] = (message[0] ?? 0) ^ 1;
      if (native.verify(publicKey, message, signature) || !isCertainNo(native, publicKey, signature)) continue;
      certain += 1;
      expect(await nobleEd25519(publicKey, message, signature), `seed ${seed}, case ${i}`).toBe(false);
    }
    expect(certain).toBeGreaterThan(0);
  });

  it('is never said of points of small order', () => {
    for (const { publicKey, signature } of smallOrderCases()) expect(isCertainNo(native, publicKey, signature)).toBe(false);
    const honest = ed25519.getPublicKey(new Uint8Array(32).fill(7));
    const odd = smallOrderCases()[3]?.publicKey ?? new Uint8Array(32);
    const right = ed25519.sign(utf8('right'), new Uint8Array(32).fill(7));
    expect(isCertainNo(native, honest, right)).toBe(true);
    expect(isCertainNo(native, odd, right)).toBe(false);
  });
});
