import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { smallOrderCases } from '../../../light-core/test/signature/zip215.ts';
import { BlockVerifier, detectEd25519, nodeEd25519 } from '../../src/verification/index.ts';
import { type Claim, SharedClaims } from '../../src/verification/shared-claims.ts';
import { newSeed, type Random, randomFrom } from '../state/random.ts';

const LONG = process.env.PERIGEE_LONG === '1';

function signed(random: Random, count: number): Claim[] {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  const raw = Uint8Array.from(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return Array.from({ length: count }, () => {
    const message = Uint8Array.from({ length: random(300) }, () => random(256));
    return { publicKey: raw, message, signature: Uint8Array.from(sign(null, message, key)) };
  });
}

/** One bit of key, message or signature is another. */
function mutated(random: Random, claim: Claim): Claim {
  const part = (['publicKey', 'message', 'signature'] as const)[random(3)] ?? 'signature';
  const bytes = claim[part].length === 0 ? Uint8Array.of(0) : claim[part].slice();
  const at = random(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
  return { ...claim, [part]: bytes };
}

describe('shared claims', () => {
  it('are the same in another thread, and each is taken once', () => {
    const random = randomFrom(newSeed());
    const asked = signed(random, 5);
    const claims = new SharedClaims();
    const others = new SharedClaims(claims.memory);
    for (const round of [1, 2]) {
      for (const claim of asked) expect(claims.add(claim)).toBe(true);
      const taken = [claims.take(), others.takeOrWait(), others.take(), claims.take(), others.take(), claims.take()];
      expect(taken).toEqual([0, 1, 2, 3, 4, undefined]);
      expect(asked.map((_, i) => others.claimAt(i))).toEqual(asked);
      others.setVerdict(1, true);
      others.setVerdict(2, false);
      expect(
        asked.map((_, i) => claims.verdictOf(i)),
        `round ${round}`,
      ).toEqual([undefined, true, false, undefined, undefined]);
      claims.close();
      expect(others.takeOrWait()).toBe(undefined);
      claims.reset();
    }
  });

  it('are refused when there is no room for them', () => {
    const claims = new SharedClaims();
    const claim = { publicKey: new Uint8Array(32), message: new Uint8Array(1024 * 1024), signature: new Uint8Array(64) };
    let added = 0;
    while (claims.add(claim)) added += 1;
    expect(added).toBe(3);
    expect(claims.add({ ...claim, message: new Uint8Array(0) })).toBe(true);
    claims.reset();
    for (added = 0; claims.add({ ...claim, message: new Uint8Array(0) }); added++);
    expect(added).toBe(8_192);
  });
});

describe.each([nodeEd25519(), detectEd25519()])('what $name accepts', ({ verify }) => {
  it('noble accepts, of small orders and of mutations', async () => {
    const seed = newSeed();
    const random = randomFrom(seed);
    for (const { publicKey, signature } of smallOrderCases()) {
      if (!verify(publicKey, utf8('Zcash'), signature)) continue;
      expect(await nobleEd25519(publicKey, utf8('Zcash'), signature)).toBe(true);
    }
    const claims = signed(random, 50);
    for (let i = 0; i < (LONG ? 100_000 : 1_000); i++) {
      const { publicKey, message, signature } = mutated(random, claims[random(claims.length)] as Claim);
      if (!verify(publicKey, message, signature)) continue;
      expect(await nobleEd25519(publicKey, message, signature), `seed ${seed}, mutation ${i}`).toBe(true);
    }
    expect(verify(new Uint8Array(31), utf8('short'), new Uint8Array(64))).toBe(false);
    expect(verify(new Uint8Array(32), utf8('short'), new Uint8Array(63))).toBe(false);
  });
});

describe('a verifier of blocks', () => {
  const verdictsOf = (verifier: BlockVerifier, claims: readonly Claim[]) =>
    Promise.all(claims.map(({ publicKey, message, signature }) => verifier.verify(publicKey, message, signature)));
  const failing = () => {
    throw new Error('there are no threads here');
  };

  it.each([
    ['with a thread beside it', { threads: 1 }],
    ['with three', { threads: 3 }],
    ['alone', { threads: 0 }],
    ['whose threads do not start', { threads: 1, spawn: failing }],
  ])('gives the verdicts of noble, %s', async (_, options) => {
    const seed = newSeed();
    const random = randomFrom(seed);
    const right = new Set(signed(random, 400));
    const claims = [...right].map((claim) => (random(40) === 0 ? mutated(random, claim) : claim));
    for (const odd of smallOrderCases().slice(0, 20)) claims.push({ ...odd, message: utf8('Zcash') });
    claims.push({ publicKey: new Uint8Array(5), message: utf8('odd'), signature: new Uint8Array(64) });
    const verifier = new BlockVerifier(options);
    const verdicts = await verdictsOf(verifier, claims);
    await verifier.close();
    const expected = await Promise.all(
      claims.map((claim) => right.has(claim) || nobleEd25519(claim.publicKey, claim.message, claim.signature)),
    );
    expect(verdicts, `seed ${seed}`).toEqual(expected);
  });

  it('judges what there is no room for among threads', async () => {
    const random = randomFrom(newSeed());
    const right = signed(random, 20);
    const long = right.map(({ publicKey, signature }) => ({ publicKey, message: new Uint8Array(1024 * 1024), signature }));
    const verifier = new BlockVerifier({ threads: 1 });
    const verdicts = await verdictsOf(verifier, [...long, ...right]);
    await verifier.close();
    expect(verdicts).toEqual([...long.map(() => false), ...right.map(() => true)]);
  });

  it('answers what was asked while it is closed', async () => {
    const verifier = new BlockVerifier({ threads: 1 });
    const verdicts = verdictsOf(verifier, signed(randomFrom(newSeed()), 300));
    await verifier.close();
    expect(new Set(await verdicts)).toEqual(new Set([true]));
  });
});
