import {
  bestX25519,
  canonicalJson,
  type Json,
  type JsonObject,
  keyIdOf,
  nobleX25519,
  openRequest,
  PROOF_SCHEME,
  plainHash,
  proofText,
  ResponseOpener,
  ResponseSealer,
  sealedHash,
  sealedStreamHash,
  sealRequest,
  signProof,
  verifyProof,
} from '@perigee/light-core/confidential';
import { secp256k1InferenceSigner } from '@perigee/light-core/receipt';
import { fromHex, fromUtf8, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { type Random, randomOf } from '../../../../tests/kit/random.ts';
import { setupRecipient, setupSender } from '../../src/confidential/hpke.ts';

describe('HPKE', () => {
  it('gives what RFC 9180 gives in A.2.1, by noble and by WebCrypto', async () => {
    const recipient = fromHex('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a');
    const secret = fromHex('8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb');
    const ephemeral = fromHex('f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600');
    const info = fromHex('4f6465206f6e2061204772656369616e2055726e');
    const plain = utf8('Beauty is truth, truth beauty');
    const sealed = '1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28';
    for (const x25519 of [nobleX25519, await bestX25519(crypto.subtle), await bestX25519(undefined)]) {
      const { enc, context } = await setupSender(recipient, info, ephemeral, x25519);
      expect(toHex(enc)).toBe('1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a');
      expect(toHex(context.seal(utf8('Count-0'), plain))).toBe(sealed);
      const opening = await setupRecipient(enc, secret, info, x25519);
      expect(opening.open(utf8('Count-0'), fromHex(sealed))).toEqual(plain);
      // both count on
      expect(opening.open(utf8('Count-1'), context.seal(utf8('Count-1'), plain))).toEqual(plain);
      await expect(setupSender(new Uint8Array(32), info, ephemeral, x25519)).rejects.toMatchObject({ code: 'SEALED' });
      await expect(setupSender(new Uint8Array(31), info, ephemeral, x25519)).rejects.toMatchObject({ code: 'SEALED' });
    }
  });
});

describe('canonical JSON', () => {
  it('is that of RFC 8785', () => {
    const text =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}';
    expect(canonicalJson(JSON.parse(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '1': 3, '\ud83d\ude00': 4, ö: 5, '\ufb33': 6 })).toBe(
      '{"\\r":2,"1":3,"ö":5,"€":1,"\ud83d\ude00":4,"\ufb33":6}',
    );
    expect(() => canonicalJson('\ud800')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    let deep: Json = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    for (const bad of [JSON.parse('{"a":[1e999]}'), { a: Number.NaN }, deep]) {
      expect(() => canonicalJson(bad)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});

const body: JsonObject = {
  model: 'perigee-int8-en',
  temperature: 0.7,
  stream: true,
  messages: [{ role: 'user', content: 'Where is the secret orchard?' }],
};

async function enclave(random: Random) {
  const secret = random.bytes(32);
  const publicKey = await nobleX25519.publicKeyOf(secret);
  const signingKey = random.bytes(32);
  const signerAddress = secp256k1InferenceSigner(signingKey).key.key;
  const responseSecret = random.bytes(32);
  return {
    signingKey,
    signerAddress,
    responseSecret,
    open: { keys: [{ publicKey, secret }], signerAddress, x25519: nobleX25519 },
    seal: {
      encryptionKey: publicKey,
      signerAddress,
      responseKey: await nobleX25519.publicKeyOf(responseSecret),
      random: (length: number) => random.bytes(length),
      x25519: nobleX25519,
    },
  };
}

describe('a sealed request', () => {
  it('opens in the enclave, and its relay reads no word of the prompt', async () => {
    const { seal, open } = await enclave(randomOf(onTestFailed));
    const { envelope, aad, ciphertext } = await sealRequest(body, seal);
    const relayed = JSON.stringify(envelope);
    for (const word of ['secret', 'orchard', 'messages":[{']) expect(relayed).not.toContain(word);
    expect(relayed).toContain('perigee-int8-en');
    const opened = await openRequest(JSON.parse(relayed), open, ['messages']);
    expect(opened.body).toEqual(body);
    expect(opened.responseKey).toEqual(seal.responseKey);
    expect([opened.aad, opened.ciphertext]).toEqual([aad, ciphertext]);
    expect(toHex(keyIdOf(seal.encryptionKey))).toHaveLength(16);
  });

  it('with any byte flipped is refused', async () => {
    const random = randomOf(onTestFailed);
    const { seal, open } = await enclave(random);
    const { envelope } = await sealRequest(body, seal);
    const text = utf8(JSON.stringify(envelope));
    for (let at = 0; at < text.length; at++) {
      const bad = Uint8Array.from(text);
      bad[at] = (bad[at] ?? 0) ^ (1 << random.below(7));
      let parsed: JsonObject;
      try {
        parsed = JSON.parse(fromUtf8(bad));
      } catch {
        continue;
      }
      await expect(openRequest(parsed, open, ['messages']), `byte ${at}`).rejects.toMatchObject({ code: 'SEALED' });
    }
  });

  it('that is not what it must be is refused', async () => {
    const random = randomOf(onTestFailed);
    const { seal, open } = await enclave(random);
    const { envelope } = await sealRequest(body, seal);
    const metadata = envelope._e2ee as JsonObject;
    const bad = [
      { ...envelope, _e2ee: { ...metadata, v: 2 } },
      { ...envelope, _e2ee: { ...metadata, kem_id: '0x0010' } },
      { ...envelope, _e2ee: { ...metadata, key_id: 'AAAAAAAAAAA' } },
      { ...envelope, _e2ee: { ...metadata, sealed_fields: 'messages' } },
      { ...envelope, _e2ee: { ...metadata, sealed_fields: ['messages', 'messages'] } },
      { ...envelope, _e2ee: { ...metadata, unbound_fields: ['messages'] } },
      { ...envelope, _e2ee: { ...metadata, unbound_fields: ['model'] } },
      { ...envelope, _e2ee: { ...metadata, enc: `${metadata.enc}=` } },
      { ...envelope, _e2ee: 'sealed' },
      { ...envelope, temperature: 0.8 },
      { ...envelope, messages: [] },
      { ...envelope, extra: 1 },
      body,
    ];
    for (const one of bad) await expect(openRequest(one, open, ['messages'])).rejects.toMatchObject({ code: 'SEALED' });
    await expect(openRequest(envelope, open, ['input'])).rejects.toMatchObject({ code: 'SEALED' });
    const other = { ...open, signerAddress: random.bytes(20) };
    await expect(openRequest(envelope, other, ['messages'])).rejects.toMatchObject({ code: 'SEALED' });
    await expect(sealRequest({ model: 'x' }, seal)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('has fields that a router may change, if the client says so', async () => {
    const { seal, open } = await enclave(randomOf(onTestFailed));
    const { envelope } = await sealRequest(body, { ...seal, unbound: ['model'] });
    expect((await openRequest({ ...envelope, model: 'alias' }, open, ['messages'])).body.model).toBe('alias');
    await expect(sealRequest(body, { ...seal, unbound: ['messages'] })).rejects.toMatchObject({ code: 'SEALED' });
  });
});

describe('a sealed response', () => {
  const frames = ['The', ' nearest', ' point.'].map((content, i) => ({
    model: 'perigee-int8-en',
    choices: [{ delta: { content } }],
    ...(i === 2 ? { usage: { prompt_tokens: 3, completion_tokens: 3 } } : {}),
  }));

  it('opens in its order for who asked, and is signed as it was on the wire', async () => {
    const { seal, open, responseSecret, signingKey, signerAddress } = await enclave(randomOf(onTestFailed));
    const asked = await sealRequest(body, seal);
    const { responseKey } = await openRequest(asked.envelope, open, ['messages']);
    const sealer = await ResponseSealer.to(responseKey, seal.random, nobleX25519);
    const sealed = frames.map((frame, i) => sealer.seal(frame, ['choices'], i === 2));
    const opener = new ResponseOpener(responseSecret, nobleX25519);
    const opened = [];
    for (const { envelope } of sealed) opened.push(await opener.open(JSON.parse(JSON.stringify(envelope))));
    expect(opened.map(({ frame }) => frame)).toEqual(frames);
    expect(opener.isFinal).toBe(true);
    expect(JSON.stringify(sealed)).not.toContain('nearest');

    const hashes = { request: sealedHash(asked), response: sealedStreamHash(opened) };
    const signature = signProof(proofText(PROOF_SCHEME.sealedStream, hashes.request, hashes.response), signingKey);
    await verifyProof(PROOF_SCHEME.sealedStream, hashes, signature, signerAddress);
    const others = [
      verifyProof(PROOF_SCHEME.sealed, hashes, signature, signerAddress),
      verifyProof(
        PROOF_SCHEME.sealedStream,
        { ...hashes, response: sealedStreamHash(opened.slice(1)) },
        signature,
        signerAddress,
      ),
      verifyProof(PROOF_SCHEME.sealedStream, { ...hashes, request: plainHash(body) }, signature, signerAddress),
      verifyProof(PROOF_SCHEME.sealedStream, hashes, signature, new Uint8Array(20)),
      verifyProof(PROOF_SCHEME.sealedStream, hashes, signature.subarray(1), signerAddress),
    ];
    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'RECEIPT', data: { check: 'content' } });
  });

  it('out of order, changed, cut off, or with a bill that anyone could change is refused', async () => {
    const { seal, responseSecret } = await enclave(randomOf(onTestFailed));
    const fresh = async () => {
      const sealer = await ResponseSealer.to(seal.responseKey, seal.random, nobleX25519);
      return frames.map((frame, i) => sealer.seal(frame, ['choices'], i === 2).envelope);
    };
    const run = async (given: readonly JsonObject[]): Promise<boolean> => {
      const opener = new ResponseOpener(responseSecret, nobleX25519);
      for (const one of given) await opener.open(one);
      return opener.isFinal;
    };
    const ended = await ResponseSealer.to(seal.responseKey, seal.random, nobleX25519);
    const twice = [true, true].map((final) => ended.seal(frames[0] ?? {}, ['choices'], final).envelope);
    await expect(run(twice)).rejects.toMatchObject({ code: 'SEALED', message: expect.stringContaining('after its last frame') });
    const [a, b, c] = await fresh();
    if (a === undefined || b === undefined || c === undefined) throw new Error('there are three frames');
    expect(await run([a, b, c])).toBe(true);
    expect(await run([a, b])).toBe(false);
    const bad: readonly (readonly JsonObject[])[] = [
      [a, c],
      [b],
      [a, b, c, c],
      [a, { ...b, model: 'other' }],
      [a, b, { ...c, usage: { prompt_tokens: 1, completion_tokens: 1 } }],
      [{ ...a, _e2ee: { ...(a._e2ee as JsonObject), unbound_fields: ['usage'] } }],
    ];
    for (const given of bad) await expect(run(given)).rejects.toMatchObject({ code: 'SEALED' });
  });
});
