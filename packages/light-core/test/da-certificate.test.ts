import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import {
  assembleCertificate,
  blobGeometry,
  type CanonicalCommittee,
  certificateSignBytes,
  certificateTerms,
  checkPolicy,
  makeCommittee,
  peerRecordSignBytes,
  promiseIdOf,
  promiseSignBytes,
  readSigners,
  recordOf,
  requiredStake,
  signerBitmap,
  verifyCertificate,
  verifyPeerRecord,
  verifyPromise,
} from '@perigee/light-core/da';
import { nobleEd25519 } from '@perigee/light-core/signature';
import {
  BlobPromise,
  blobIdOf,
  Certificate,
  type CommitteeMember,
  ed25519Address,
  MESSAGE_KIND,
  type PeerRecord,
  type PerigeeError,
  PromiseBody,
  type Session,
  toHex,
  u32le,
  utf8,
} from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../../tests/vectors/certificate.json' with { type: 'json' };

const secretOf = (i: number): Uint8Array => sha256(u32le(i));
const keyOf = (i: number): Uint8Array => ed25519.getPublicKey(secretOf(i));
const memberOf = (i: number, stake: bigint): CommitteeMember => ({
  address: ed25519Address(keyOf(i)),
  publicKey: keyOf(i),
  stake,
});
/** Members sorted by address, so the secrets are looked up by key. */
const secretFor = (publicKey: Uint8Array): Uint8Array => {
  for (let i = 0; ; i++) if (toHex(keyOf(i)) === toHex(publicKey)) return secretOf(i);
};

const genesisHash = sha256(utf8('genesis'));
const body: PromiseBody = {
  blobId: blobIdOf(sha256(utf8('commitment'))),
  ...blobGeometry(1_000_000, 4),
  length: 1_000_000,
  namespace: utf8('test'),
  quorum: 0,
  persist: true,
  expiryHeight: 5_000,
  publisher: ed25519Address(keyOf(100)),
  publicKey: keyOf(100),
  maxFee: 10n,
  nonce: 3,
  genesisHash,
  epoch: 2,
};
const sign = (message: Uint8Array, secret: Uint8Array): Uint8Array => ed25519.sign(message, secret);
const promiseOf = (changes: Partial<PromiseBody> = {}, secret = secretOf(100)): BlobPromise => {
  const changed = { ...body, ...changes };
  return { body: changed, signature: sign(promiseSignBytes(changed), secret) };
};

const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (error) {
    return (error as PerigeeError).code;
  }
  return 'none';
};

describe('promise', () => {
  const sessionOf = async () => undefined as Session | undefined;
  const context = { genesisHash, height: 100, epoch: 2, maxRetentionBlocks: 10_000, verifyEd25519: nobleEd25519, sessionOf };
  const refusal = (changes: Partial<PromiseBody>, secret?: Uint8Array): Promise<string> =>
    codeOf(() => verifyPromise(promiseOf(changes, secret), context));

  it('is taken, also right after its epoch ended', async () => {
    expect(await verifyPromise(promiseOf(), context)).toEqual({ body, session: undefined });
    expect(await refusal({ epoch: 1 })).toBe('none');
    expect(BlobPromise.decodeCanonical(BlobPromise.encode(promiseOf()))).toEqual(promiseOf());
    expect(promiseIdOf(body)).toEqual(sha256(PromiseBody.encode(body)));
  });

  it('is refused with the code of what is wrong', async () => {
    expect(await refusal({ genesisHash: new Uint8Array(32) })).toBe('WRONG_CHAIN');
    expect(await refusal({ blobId: new Uint8Array(33).fill(1) })).toBe('BLOB_VERSION');
    expect(await refusal({ rowSize: body.rowSize + 64 })).toBe('BLOB_GEOMETRY');
    expect(await refusal({ n: body.n + 1 })).toBe('BLOB_GEOMETRY');
    expect(await refusal({ length: 0 })).toBe('BLOB_LENGTH');
    expect(await refusal({ namespace: new Uint8Array(0) })).toBe('PROMISE');
    expect(await refusal({ quorum: 10_000 })).toBe('PROMISE');
    expect(await refusal({ epoch: 0 })).toBe('PROMISE');
    expect(await refusal({ epoch: 3 })).toBe('PROMISE');
    expect(await refusal({ expiryHeight: 100 })).toBe('PROMISE');
    expect(await refusal({ expiryHeight: 101 })).toBe('none');
    expect(await refusal({ expiryHeight: 10_100 })).toBe('none');
    expect(await refusal({ expiryHeight: 10_101 })).toBe('PROMISE');
    expect(await refusal({ publisher: new Uint8Array(20) })).toBe('PROMISE');
    expect(await refusal({}, secretOf(99))).toBe('SIGNATURE');
    const { signature } = promiseOf();
    expect(await codeOf(() => verifyPromise({ body: { ...body, nonce: 4 }, signature }, context))).toBe('SIGNATURE');
  });

  it('is taken from a session key for as long, for what and for as much as the publisher has granted it', async () => {
    const publisher = new Uint8Array(20).fill(5);
    const grant: Session = { key: keyOf(100), kinds: [MESSAGE_KIND.certify], left: body.maxFee, expiryHeight: 101 };
    const promise = promiseOf({ publisher });
    const asked: Uint8Array[][] = [];
    const taken = (session: Session | undefined) =>
      verifyPromise(promise, {
        ...context,
        sessionOf: async (...of) => {
          asked.push(of);
          return session;
        },
      });
    expect(await taken(grant)).toEqual({ body: promise.body, session: grant });
    expect(asked).toEqual([[publisher, keyOf(100)]]);
    for (const less of [
      undefined,
      { ...grant, kinds: [MESSAGE_KIND.transfer] },
      { ...grant, left: body.maxFee - 1n },
      { ...grant, expiryHeight: 100 },
    ]) {
      expect(await codeOf(() => taken(less))).toBe('PROMISE');
    }
  });
});

describe('policy', () => {
  const of = (length: number, quorum: number) =>
    codeOf(() => checkPolicy('INVALID_ARGUMENT', { namespace: new Uint8Array(length), quorum }));

  it('has a namespace of 1 to 28 bytes and a quorum of 0 to 9,999', async () => {
    for (const length of [1, 28]) expect(await of(length, 0)).toBe('none');
    for (const length of [0, 29]) expect(await of(length, 0)).toBe('INVALID_ARGUMENT');
    expect(await of(4, 9_999)).toBe('none');
    for (const quorum of [-1, 0.5, Number.NaN, 10_000]) expect(await of(4, quorum)).toBe('INVALID_ARGUMENT');
  });
});

describe('requiredStake', () => {
  const four = { k: 64, n: 192 };
  const two = { k: 64, n: 64 };
  it.each([
    [3n, four, 0, 3n],
    [4n, four, 0, 3n],
    [100n, four, 0, 67n],
    [99n, four, 0, 67n],
    [6n, two, 0, 6n],
    [12n, two, 0, 11n],
    [120n, two, 0, 101n],
    [100n, { k: 64, n: 448 }, 0, 67n],
    [100n, four, 6_000, 67n],
    [100n, four, 8_000, 81n],
    [100n, four, 9_999, 100n],
    [(1n << 63n) + 1n, four, 0, (((1n << 63n) + 1n) * 2n) / 3n + 1n],
  ])('of %s', (total, geometry, quorum, required) => {
    expect(requiredStake(total, { ...geometry, quorum })).toBe(required);
  });

  it('is the least stake above every share', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 1n << 64n }), fc.constantFrom(1, 3, 7), fc.nat(9_999), (total, ratio, quorum) => {
        const required = requiredStake(total, { k: 64, n: 64 * ratio, quorum });
        const enough = (stake: bigint): boolean =>
          3n * stake > 2n * total &&
          3n * BigInt(1 + ratio) * stake > BigInt(1 + ratio + 3) * total &&
          10_000n * stake > BigInt(quorum) * total;
        expect(enough(required)).toBe(true);
        expect(enough(required - 1n)).toBe(false);
      }),
    );
  });
});

describe('certificate', () => {
  const committee = makeCommittee([0, 1, 2, 3, 4].map((i) => memberOf(i, 20n)));
  const terms = certificateTerms(body, sha256(utf8('rowRoot')), committee);
  const signedBy = (members: readonly number[], by: CanonicalCommittee = committee, of = terms): Certificate => {
    const message = certificateSignBytes(of, genesisHash);
    return assembleCertificate(
      of,
      by,
      new Map(members.map((i) => [i, sign(message, secretFor(by.members[i]?.publicKey ?? new Uint8Array(0)))])),
    );
  };
  const good = signedBy([3, 0, 2, 4]);
  const refusal = (certificate: Certificate, by = committee, genesis = genesisHash): Promise<string> =>
    codeOf(() => verifyCertificate(certificate, by, { genesisHash: genesis, verifyEd25519: nobleEd25519 }));

  it('is verified', async () => {
    const due = { certificate: good, signers: [0, 2, 3, 4], signedStake: 80n };
    expect(await verifyCertificate(good, committee, { genesisHash, verifyEd25519: nobleEd25519 })).toEqual(due);
    expect(Certificate.decodeCanonical(Certificate.encode(good))).toEqual(good);
    expect(recordOf(good, 7)).toMatchObject({ height: 7, promiseId: promiseIdOf(body), signers: good.signers });
  });

  it('needs its quorum', async () => {
    expect(await refusal(signedBy([0, 1, 2]))).toBe('QUORUM');
    expect(await refusal(signedBy([]))).toBe('QUORUM');
    const uneven = makeCommittee([34n, 33n, 33n].map((stake, i) => memberOf(i, stake)));
    const large = uneven.members.findIndex(({ stake }) => stake === 34n);
    const small = [0, 1, 2].filter((place) => place !== large);
    const shared = { ...terms, committeeHash: uneven.hash };
    expect(await refusal(signedBy([large, small[0] ?? -1], uneven, shared), uneven)).toBe('none'); // 67 of 100, and no more
    expect(await refusal(signedBy(small, uneven, shared), uneven)).toBe('QUORUM');
    const strict = { ...terms, quorum: 8_000 };
    expect(await refusal(signedBy([0, 1, 2, 3], committee, strict))).toBe('QUORUM');
    expect(await refusal(signedBy([0, 1, 2, 3, 4], committee, strict))).toBe('none');
    const twofold = { ...terms, ...blobGeometry(body.length, 2) };
    expect(await refusal(signedBy([0, 1, 2, 3], committee, twofold))).toBe('QUORUM');
    expect(await refusal(signedBy([0, 1, 2, 3, 4], committee, twofold))).toBe('none');
  });

  it('binds every field', async () => {
    const other = new Uint8Array(32).fill(9);
    const changes: Partial<Certificate>[] = [
      { blobId: blobIdOf(other) },
      { rowRoot: other },
      { promiseId: other },
      { publisher: other.slice(0, 20) },
      { ...blobGeometry(body.length, 8) },
      { ...blobGeometry(body.length - 1, 4), length: body.length - 1 },
      { namespace: utf8('tesu') },
      { namespace: utf8('tes') },
      { quorum: 1 },
      { persist: false },
      { expiryHeight: 5_001 },
      { epoch: 3 },
    ];
    for (const change of changes) expect(await refusal({ ...good, ...change })).toBe('SIGNATURE');
    expect(await refusal(good, committee, other)).toBe('SIGNATURE');
  });

  it('is refused with the code of what is wrong', async () => {
    expect(await refusal({ ...good, committeeHash: new Uint8Array(32) })).toBe('COMMITTEE');
    expect(await refusal(good, makeCommittee([0, 1, 2, 3].map((i) => memberOf(i, 20n))))).toBe('COMMITTEE');
    expect(await refusal({ ...good, blobId: new Uint8Array(33).fill(1) })).toBe('BLOB_VERSION');
    expect(await refusal({ ...good, rowSize: 64 })).toBe('BLOB_GEOMETRY');
    expect(await refusal({ ...good, length: 0 })).toBe('BLOB_LENGTH');
    expect(await refusal({ ...good, namespace: new Uint8Array(0) })).toBe('CERTIFICATE');
    expect(await refusal({ ...good, quorum: 10_000 })).toBe('CERTIFICATE');
    expect(await refusal({ ...good, signers: Uint8Array.of(0b1101, 0) })).toBe('CERTIFICATE');
    expect(await refusal({ ...good, signers: new Uint8Array(0) })).toBe('CERTIFICATE');
    expect(await refusal({ ...good, signers: Uint8Array.of(0b111101) })).toBe('CERTIFICATE');
    expect(await refusal({ ...good, signers: Uint8Array.of(0b1111) })).toBe('SIGNATURE');
    expect(await refusal({ ...good, signatures: good.signatures.slice(1) })).toBe('CERTIFICATE');
    expect(await refusal({ ...good, signatures: [...good.signatures, new Uint8Array(64)] })).toBe('CERTIFICATE');
    const [a, b, ...rest] = good.signatures as [Uint8Array, Uint8Array];
    expect(await refusal({ ...good, signatures: [b, a, ...rest] })).toBe('SIGNATURE');
    expect(await refusal({ ...good, signatures: [a, a, ...rest] })).toBe('SIGNATURE');
    expect(await refusal({ ...good, signatures: [new Uint8Array(64), b, ...rest] })).toBe('SIGNATURE');
  });

  it('has a bitmap that reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), fc.infiniteStream(fc.boolean()), (members, coin) => {
        const signers = Array.from({ length: members }, (_, i) => i).filter(() => coin.next().value);
        expect(readSigners(signerBitmap(signers, members), members)).toEqual(signers);
      }),
    );
  });

  it('has a bitmap of the length of its committee, without a bit behind the last member', async () => {
    const read = (bitmap: readonly number[], members: number) =>
      codeOf(async () => readSigners(Uint8Array.from(bitmap), members));
    expect(await read([0b1000], 4)).toBe('none');
    expect(await read([0b10000], 4)).toBe('CERTIFICATE');
    expect(await read([0], 1)).toBe('none');
    expect(await read([255], 8)).toBe('none');
    expect(await read([0, 1], 9)).toBe('none');
    expect(await read([0, 2], 9)).toBe('CERTIFICATE');
    for (const bitmap of [[], [1, 0], [1, 0, 0]]) expect(await read(bitmap, 8)).toBe('CERTIFICATE');
  });
});

describe('known answers', () => {
  it.each(vectors.cases)('$name', ({ promise, promiseId, promiseSignature, certificateSignBytes: signed }) => {
    const decoded = PromiseBody.decodeCanonical(Uint8Array.from(Buffer.from(promise, 'hex')));
    const committee = makeCommittee([0, 1, 2].map((i) => memberOf(i, 5n)));
    expect(toHex(promiseIdOf(decoded))).toBe(promiseId);
    expect(toHex(sign(promiseSignBytes(decoded), secretOf(100)))).toBe(promiseSignature);
    const terms = certificateTerms(decoded, sha256(utf8('rowRoot')), committee);
    expect(toHex(certificateSignBytes(terms, decoded.genesisHash))).toBe(signed);
  });
});

describe('peer record', () => {
  const committee = makeCommittee([0, 1].map((i) => memberOf(i, 1n)));
  const record = (changes: Partial<PeerRecord['body']> = {}, secret = secretOf(1)): PeerRecord => {
    const recordBody = {
      genesisHash,
      epoch: 2,
      address: ed25519Address(keyOf(1)),
      peerId: '12D3KooW',
      multiaddrs: ['/ip4/127.0.0.1/udp/1/webrtc-direct'],
      sequence: 1,
      expiry: 2_000,
      ...changes,
    };
    return { body: recordBody, signature: sign(peerRecordSignBytes(recordBody), secret) };
  };
  const context = { genesisHash, epoch: 2, committee, nowMs: 1_000, verifyEd25519: nobleEd25519 };
  const refusal = (value: PeerRecord): Promise<string> => codeOf(() => verifyPeerRecord(value, context));

  it('names a member of the committee', async () => {
    const { body: verified, member } = await verifyPeerRecord(record(), context);
    expect(verified.peerId).toBe('12D3KooW');
    expect(committee.members[member]?.publicKey).toEqual(keyOf(1));
  });

  it('is refused with its code', async () => {
    expect(await refusal(record({ genesisHash: new Uint8Array(32) }))).toBe('WRONG_CHAIN');
    expect(await refusal(record({ epoch: 1 }))).toBe('PEER_RECORD');
    expect(await refusal(record({ expiry: 1_000 }))).toBe('PEER_RECORD');
    expect(await refusal(record({ peerId: '' }))).toBe('PEER_RECORD');
    expect(await refusal(record({ multiaddrs: [] }))).toBe('PEER_RECORD');
    expect(await refusal(record({ address: ed25519Address(keyOf(7)) }))).toBe('PEER_RECORD');
    expect(await refusal(record({}, secretOf(0)))).toBe('PEER_RECORD');
    expect(await refusal({ ...record(), body: record({ sequence: 2 }).body })).toBe('PEER_RECORD');
  });
});
