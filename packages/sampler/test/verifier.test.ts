import { parseTrustRoot, type TrustRoot, unixMs } from '@perigee/light-core/comet';
import { assignRows, blobGeometry, makeCommittee, packBlob } from '@perigee/light-core/da';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { blobKey, GENESIS_HASH_KEY, STORE } from '@perigee/light-core/state';
import { openRow, type RowCommitment } from '@perigee/wasm-codec';
import {
  blobIdOf,
  Committee,
  HeaderAnswer,
  MAX_PRIMED_BYTES,
  PeerRecord,
  PerigeeError,
  type RowProof,
  StateProof,
  TRUSTING_PERIOD_MS,
} from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import { beforeEach, describe, expect, it } from 'vitest';
import { flipped } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { headerOf } from '../../../tests/kit/local-network.ts';
import { createVerifier, type Verifier } from '../src/verify/verifier.ts';
import { networkOfFile } from './light.ts';

const file = networkOfFile();
const codec = loadCodec();

let verifier: Verifier;
let trustRoot: TrustRoot;

beforeEach(() => {
  trustRoot = parseTrustRoot(file.network.trustRoot());
  verifier = createVerifier({ codec: () => codec, verifyEd25519: nobleEd25519, performanceNow: () => performance.now() });
});

/** The code with which a job, asynchronous or not, is refused. */
const codeOf = (job: () => unknown): Promise<string> => codeOfPromise((async () => job())());
const header = (height: number): Uint8Array => HeaderAnswer.encode(file.network.chain.lightBlock(height));
const timeOf = (height: number): number => unixMs(headerOf(file.network.chain, height).time);
const anchored = () => verifier.anchor({ trustRoot, answer: header(1), now: timeOf(3) });

describe('headers', () => {
  it('are trusted from the root on', async () => {
    expect(await anchored()).toMatchObject({ validators: 4, head: { height: 1, headerHash: trustRoot.headerHash } });
    const { head } = await verifier.advance({ answer: header(3), now: timeOf(3) });
    expect(head).toMatchObject({ height: 3, chainId: trustRoot.chainId, appHash: headerOf(file.network.chain, 3).appHash });
  });

  it('come with what vouches for them, who proposed them, and how many signatures that took', async () => {
    expect(await anchored()).toMatchObject({ way: { kind: 'anchor' }, signatures: 3 });
    const skipped = await verifier.advance({ answer: header(3), now: timeOf(3) });
    expect(skipped).toMatchObject({ way: { kind: 'skipping', from: 1 }, signatures: 3 });
    expect(skipped.proposer).toEqual(headerOf(file.network.chain, 3).proposerAddress);
    await file.network.untilHeight(4);
    const next = await verifier.advance({ answer: header(4), now: timeOf(4) });
    expect(next).toMatchObject({ way: { kind: 'sequential', from: 3 }, signatures: 3 });
    const kept = verifier.restore({ answer: header(4), chainId: trustRoot.chainId });
    expect(kept).toMatchObject({ way: { kind: 'kept' }, signatures: 0 });
  });

  it('of another root are refused', async () => {
    const anchor = (change: { trustRoot?: Partial<TrustRoot>; answer?: Uint8Array; now?: number }) =>
      codeOf(() =>
        verifier.anchor({ answer: header(1), now: timeOf(3), ...change, trustRoot: { ...trustRoot, ...change.trustRoot } }),
      );
    expect(await anchor({ trustRoot: { headerHash: flipped(trustRoot.headerHash) } })).toBe('TRUST_ROOT');
    expect(await anchor({ answer: header(2) })).toBe('TRUST_ROOT');
    expect(await anchor({ trustRoot: { chainId: 'other-00000000' } })).toBe('WRONG_CHAIN');
    expect(await anchor({ now: timeOf(1) + TRUSTING_PERIOD_MS })).toBe('TRUST_EXPIRED');
    expect(await anchor({ answer: new Uint8Array(9).fill(0xff) })).toBe('PARSE');
    expect(await anchor({})).toBe('none');
  });

  it('that do not follow are refused', async () => {
    const advance = (answer: Uint8Array, now = timeOf(3)) => codeOf(() => verifier.advance({ answer, now }));
    expect(await advance(header(2))).toBe('NOT_FOUND');
    await anchored();
    expect(await advance(header(1))).toBe('HEADER');
    expect(await advance(header(3), timeOf(3) - 20_000)).toBe('HEADER_FUTURE');
    expect(await advance(header(3), timeOf(3) + TRUSTING_PERIOD_MS)).toBe('TRUST_EXPIRED');
    expect(await advance(flipped(header(3), 20))).not.toBe('none');
    expect(await advance(new Uint8Array(0))).not.toBe('none');
    expect(await advance(header(3))).toBe('none');
  });

  it('are taken back after the worker died, unless they were damaged', async () => {
    const { chainId } = trustRoot;
    expect(await codeOf(() => verifier.restore({ answer: header(3), chainId: 'other-00000000' }))).toBe('WRONG_CHAIN');
    expect(await codeOf(() => verifier.restore({ answer: new Uint8Array(3).fill(0xff), chainId }))).toBe('PARSE');
    expect(verifier.restore({ answer: header(2), chainId }).head.height).toBe(2);
    expect((await verifier.advance({ answer: header(3), now: timeOf(3) })).head.height).toBe(3);
  });
});

describe('state', () => {
  const prove = (key: Uint8Array, change: Partial<StateProof> = {}, height = 3) => {
    const proof = { ...file.network.chain.prove(STORE.chain, key, 2), ...change };
    return verifier.prove({ height, store: STORE.chain, keys: [key], proofs: [StateProof.encode(proof)] });
  };

  beforeEach(async () => {
    await anchored();
    await verifier.advance({ answer: header(3), now: timeOf(3) });
  });

  it('is believed when it is proved, and so is absence', () => {
    expect(prove(GENESIS_HASH_KEY)).toEqual([trustRoot.genesisHash]);
    expect(prove(Uint8Array.of(9))).toEqual([undefined]);
  });

  it('is refused when it is of another height, store or root, or of fewer keys', async () => {
    expect(await codeOf(() => prove(GENESIS_HASH_KEY, {}, 4))).toBe('NOT_FOUND');
    expect(await codeOf(() => prove(GENESIS_HASH_KEY, {}, 1))).toBe('PROOF');
    expect(await codeOf(() => prove(GENESIS_HASH_KEY, { height: 1 }))).toBe('PROOF');
    expect(await codeOf(() => prove(GENESIS_HASH_KEY, { store: STORE.da }))).toBe('PROOF');
    expect(await codeOf(() => prove(GENESIS_HASH_KEY, { storeRoot: new Uint8Array(32) }))).toBe('PROOF');
    const { inner } = file.network.chain.prove(STORE.da, blobKey(blobIdOf(new Uint8Array(32))), 2);
    expect(await codeOf(() => prove(GENESIS_HASH_KEY, { inner }))).toBe('PROOF');
    const other = file.network.chain.prove(STORE.chain, GENESIS_HASH_KEY, 2);
    const exist = other.inner.exist && { ...other.inner.exist, value: flipped(trustRoot.genesisHash) };
    expect(await codeOf(() => prove(GENESIS_HASH_KEY, { inner: exist === undefined ? {} : { exist } }))).toBe('PROOF_ROOT');
    const input = { height: 3, store: STORE.chain, keys: [GENESIS_HASH_KEY] };
    expect(await codeOf(() => verifier.prove({ ...input, proofs: [] }))).toBe('PROOF');
    expect(await codeOf(() => verifier.prove({ ...input, proofs: [new Uint8Array(3).fill(0xff)] }))).toBe('PARSE');
  });
});

describe('committees', () => {
  const committeeOf = () =>
    makeCommittee(file.network.members.map(({ address, signer }) => ({ address, publicKey: signer.publicKey, stake: 100n })));
  const bytes = (members = committeeOf().members) => Committee.encode({ members });

  it('hold the rows that they are assigned', async () => {
    const blobId = blobIdOf(new Uint8Array(32).fill(3));
    const input = { committee: bytes(), blobId, k: 64, n: 192, indices: [0, 5, 255] };
    const { ownersOf } = assignRows(committeeOf(), blobId.slice(1), input);
    expect(verifier.owners(input)).toEqual(input.indices.map(ownersOf));
    expect(await codeOf(() => verifier.owners({ ...input, blobId: flipped(blobId) }))).toBe('BLOB_VERSION');
    expect(await codeOf(() => verifier.owners({ ...input, n: 100 }))).toBe('BLOB_GEOMETRY');
    expect(await codeOf(() => verifier.owners({ ...input, committee: bytes(committeeOf().members.toReversed()) }))).toBe(
      'COMMITTEE',
    );
  });

  it('are reached where their members signed, for this chain, epoch and time', async () => {
    const records = await file.network.records();
    const check = (list: readonly Uint8Array[], change = {}) =>
      verifier.peerRecords({
        records: list,
        committee: bytes(),
        genesisHash: trustRoot.genesisHash,
        epoch: 0,
        now: Date.now(),
        ...change,
      });
    const encoded = records.map((record) => PeerRecord.encode(record));
    expect(await check(encoded)).toEqual([0, 1, 2, 3]);
    expect(await check(encoded, { epoch: 1 })).toEqual([]);
    expect(await check(encoded, { genesisHash: new Uint8Array(32) })).toEqual([]);
    expect(await check(encoded, { now: Date.now() + 2 * 3_600_000 })).toEqual([]);
    expect(await check(encoded, { committee: bytes(committeeOf().members.slice(1)) })).toHaveLength(3);
    const [first, ...rest] = records;
    const forged = first && { ...first, body: { ...first.body, peerId: `${first.body.peerId}x` } };
    const list = [
      ...(forged === undefined ? [] : [PeerRecord.encode(forged)]),
      Uint8Array.of(0xff),
      ...rest.map((each) => PeerRecord.encode(each)),
    ];
    expect(await check(list)).toEqual([2, 3, 4]);
  });
});

describe('rows', () => {
  interface Coded extends RowCommitment {
    readonly blobId: Uint8Array;
    readonly rows: Uint8Array;
  }

  async function coded(seed: number): Promise<Coded> {
    const geometry = blobGeometry(1_000, 4);
    const original = packBlob(new Uint8Array(1_000).fill(seed), geometry);
    const made = (await codec).extendAndCommit({ ...geometry, original });
    const rows = new Uint8Array(original.length + made.parity.length);
    rows.set(original);
    rows.set(made.parity, original.length);
    return { ...made, blobId: blobIdOf(made.commitment), rows };
  }
  const rowOf = ({ rows, rowSize, tree }: Coded, index: number): RowProof => ({
    index,
    row: rows.slice(index * rowSize, (index + 1) * rowSize),
    path: openRow(tree, index),
  });
  const prime = (blob: Coded, key: string, change: Partial<Coded> = {}) => {
    const { blobId, k, n, rowSize, rowRoot } = blob;
    const given = { ...blob, ...change };
    return verifier.prime({
      key,
      shape: { blobId, k, n, rowSize, rowRoot },
      rowRoot: given.rowRoot,
      rlcOriginal: given.rlcOriginal,
    });
  };
  const verdictsOf = async (key: string, ...proofs: RowProof[]) => (await verifier.verifyRows({ key, proofs })).verdicts;

  it('are verified, and each that is wrong has its verdict', async () => {
    const blob = await coded(1);
    await prime(blob, 'a');
    const [good, other] = [rowOf(blob, 3), rowOf(blob, 200)];
    expect(
      await verdictsOf(
        'a',
        good,
        other,
        { ...good, index: 4 },
        { ...good, index: 9_999 },
        { ...good, row: flipped(good.row) },
        { ...good, row: good.row.slice(1) },
        { ...good, path: flipped(good.path) },
      ),
    ).toEqual(['verified', 'verified', ...Array(5).fill('invalid/peer')]);
  });

  it('are verified against no other prime than that of the record', async () => {
    const blob = await coded(1);
    const other = await coded(2);
    expect(await codeOf(() => prime(blob, 'a', { rlcOriginal: flipped(blob.rlcOriginal) }))).toBe('COMMITMENT_MISMATCH');
    expect(await codeOf(() => prime(blob, 'a', { rowRoot: other.rowRoot }))).toBe('COMMITMENT_MISMATCH');
    expect(await codeOf(() => prime(blob, 'a', other))).toBe('COMMITMENT_MISMATCH');
    const { blobId, k, n, rowSize, rowRoot, rlcOriginal } = blob;
    const shape = { blobId, k, n, rowSize, rowRoot: other.rowRoot };
    expect(await codeOf(() => verifier.prime({ key: 'a', shape, rowRoot, rlcOriginal }))).toBe('ROW_ROOT_MISMATCH');
    expect(await codeOf(() => verdictsOf('a', rowOf(blob, 0)))).toBe('NOT_FOUND');
    await prime(other, 'a');
    expect(await verdictsOf('a', rowOf(blob, 0), rowOf(other, 0))).toEqual(['invalid/peer', 'verified']);
  });

  it('of the blobs used last can be verified, until they are released', async () => {
    const blob = await coded(1);
    const { bytes, free } = (await codec).prime({ ...blob, commitment: blob.blobId.subarray(1) });
    free();
    const keys = Array.from({ length: Math.floor(MAX_PRIMED_BYTES / bytes) }, (_, i) => `blob ${i}`);
    for (const key of keys) await prime(blob, key);
    expect(await verdictsOf('blob 0', rowOf(blob, 0))).toEqual(['verified']);
    await prime(blob, 'one more');
    expect(await codeOf(() => verdictsOf('blob 1', rowOf(blob, 0)))).toBe('NOT_FOUND');
    expect(await verdictsOf('blob 0', rowOf(blob, 0))).toEqual(['verified']);
    verifier.release({ key: 'blob 0' });
    verifier.release({ key: 'blob 0' });
    expect(await codeOf(() => verdictsOf('blob 0', rowOf(blob, 0)))).toBe('NOT_FOUND');
  });

  it('wait for a kernel that cannot be loaded at first', async () => {
    let tries = 0;
    const failing = async () => {
      if (++tries === 1) throw new PerigeeError('UNREACHABLE', 'no kernel');
      return codec;
    };
    verifier = createVerifier({ codec: failing, verifyEd25519: nobleEd25519, performanceNow: () => 0 });
    const blob = await coded(1);
    expect(await codeOf(() => prime(blob, 'a'))).toBe('UNREACHABLE');
    await prime(blob, 'a');
    expect(await verdictsOf('a', rowOf(blob, 0))).toEqual(['verified']);
  });
});
