import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobGeometry, ChainView, certificateSignBytes, packBlob, promiseIdOf, recordOf } from '@perigee/light-core/da';
import { nobleEd25519 } from '@perigee/light-core/signature';
import {
  ed25519Address,
  MAX_OPEN_UPLOADS,
  MAX_OPEN_UPLOADS_PER_PEER,
  MAX_ROW_REQUESTS,
  type PerigeeError,
  type PromiseBody,
  ROW_STATUS,
  type RowAnswer,
  type RowProof,
  UNCERTIFIED_BLOCKS,
  UPLOAD_IDLE_MS,
  type UploadRequest,
} from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { type CodecPool, createCodecPool } from '../src/codec/codec-pool.ts';
import { Reservations } from '../src/node/reservations.ts';
import { Retention } from '../src/node/retention.ts';
import { RowsService } from '../src/node/rows-service.ts';
import { UploadService } from '../src/node/upload-service.ts';
import { RowStore } from '../src/store/row-store.ts';
import { Ledger, signerOf } from './ledger.ts';
import { type Prepared, prepareBlob, prepareRows, proofOf } from './prepared.ts';

const MEMBER = signerOf(0);
const PUBLISHER = signerOf(100);
const KIB = 1024;
const from = { peerId: 'publisher', remoteAddress: '/ip4/203.0.113.1/tcp/1', signal: new AbortController().signal };

let pool: CodecPool;
let dir: string;
let ledger: Ledger;
let store: RowStore;
let service: UploadService;
let rowsService: RowsService;
let retention: Retention;
let faults: PerigeeError[];
let nowMs: number;

async function start(budgetBytes = 2 ** 30): Promise<void> {
  const chain = new ChainView(ledger);
  store = await RowStore.open({ dir, budgetBytes, onFault: (error) => faults.push(error) });
  const reservations = new Reservations();
  const clock = { now: () => nowMs, sleep: async () => {} };
  const address = ed25519Address(MEMBER.publicKey);
  service = new UploadService({ chain, store, pool, reservations, clock, verifyEd25519: nobleEd25519, signer: MEMBER, address });
  rowsService = new RowsService(store, chain, address);
  retention = new Retention({ chain, store, reservations, onFault: (error) => faults.push(error) });
  ledger.onHead((head) => retention.onHead(head));
}

beforeAll(() => {
  pool = createCodecPool(1);
});
afterAll(() => pool.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perigee-da-'));
  ledger = new Ledger([1n, 1n, 1n, 1n]);
  ledger.advance(5);
  faults = [];
  nowMs = 1_000_000;
  await start();
});
afterEach(async () => {
  await retention.idle();
  await store.close();
  await rm(dir, { recursive: true });
});

const prepared = (length = 100 * KIB, changes: Partial<PromiseBody> = {}, fill = 7): Promise<Prepared> =>
  prepareBlob({ pool, ledger, publisher: PUBLISHER, member: MEMBER }, new Uint8Array(length).fill(fill), changes);

const opening = (
  { blob: { rowRoot, rlcOriginal }, promise }: Prepared,
  peerId = 'publisher',
  remoteAddress = from.remoteAddress,
) => service.answer({ open: { promise, prime: { rowRoot, rlcOriginal } } }, { ...from, peerId, remoteAddress });
/** The answer to `open` of a member that has the first rows. */
const answered = ({ rows }: Prepared, held: number) => {
  const bits = new Uint8Array(Math.ceil(rows.length / 8));
  for (let i = 0; i < held; i++) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  return { missing: rows.length - held, held: bits };
};
const sending = ({ promise }: Prepared, rows: readonly RowProof[]) =>
  service.answer({ rows: { promiseId: promiseIdOf(promise.body), rows } }, from);
const signing = ({ promise }: Prepared) => service.answer({ sign: promiseIdOf(promise.body) }, from);
const upload = async (blob: Prepared): Promise<Uint8Array | undefined> => {
  await opening(blob);
  await sending(blob, blob.rows);
  return (await signing(blob)).signature;
};
const asked = async (blobId: Uint8Array, indices: readonly number[], prime = false): Promise<RowAnswer[]> => {
  const answers: RowAnswer[] = [];
  for await (const answer of rowsService.answer({ blobId, indices, prime }, from)) answers.push(answer);
  return answers;
};

describe('an upload', () => {
  it('ends with a signature over the certificate, and may repeat every step', async () => {
    const blob = await prepared();
    expect(await opening(blob)).toEqual(answered(blob, 0));
    expect(await opening(blob)).toEqual(answered(blob, 0));
    expect(await sending(blob, blob.rows.slice(0, 50))).toEqual({ missing: blob.rows.length - 50 });
    expect(await sending(blob, blob.rows.slice(0, 50))).toEqual({ missing: blob.rows.length - 50 });
    expect(await codeOfPromise(signing(blob))).toBe('NOT_ENOUGH_ROWS');
    expect(await sending(blob, blob.rows)).toEqual({ missing: 0 });
    const { signature = new Uint8Array(0) } = await signing(blob);
    expect(await signing(blob)).toEqual({ missing: 0, signature });
    expect(await opening(blob)).toEqual(answered(blob, blob.rows.length));
    const signed = certificateSignBytes(blob.certificate, ledger.genesisHash);
    expect(await nobleEd25519(MEMBER.publicKey, signed, signature)).toBe(true);
  });

  it('goes on after a restart of the node', async () => {
    const blob = await prepared();
    await opening(blob);
    await sending(blob, blob.rows.slice(0, 50));
    await store.close();
    await start();
    expect(await codeOfPromise(sending(blob, blob.rows))).toBe('NOT_FOUND');
    expect(await opening(blob)).toEqual(answered(blob, 50));
    expect(await sending(blob, blob.rows)).toEqual({ missing: 0 });
    expect((await signing(blob)).signature).toHaveLength(64);
    expect(faults).toEqual([]);
  });

  it('of a second publisher of the same blob is done at once', async () => {
    await upload(await prepared());
    const second = await prepared(100 * KIB, { nonce: 2 });
    expect(await opening(second)).toEqual(answered(second, second.rows.length));
    expect((await signing(second)).signature).toHaveLength(64);
  });
});

describe('an upload is refused', () => {
  const openCode = async (changes: Partial<PromiseBody>): Promise<string> => codeOfPromise(opening(await prepared(KIB, changes)));

  it('for a promise that does not hold', async () => {
    expect(await openCode({ genesisHash: new Uint8Array(32) })).toBe('WRONG_CHAIN');
    expect(await openCode({ epoch: 1 })).toBe('PROMISE');
    expect(await openCode({ expiryHeight: 5 })).toBe('PROMISE');
    expect(await openCode({ expiryHeight: 1_006 })).toBe('PROMISE');
    expect(await openCode({ publisher: new Uint8Array(20) })).toBe('PROMISE');
    expect(await openCode({ namespace: new Uint8Array(0) })).toBe('PROMISE');
    expect(await openCode({ length: 2 * 64 * KIB })).toBe('BLOB_GEOMETRY');
    const blob = await prepared(KIB);
    const forged = { ...blob, promise: { ...blob.promise, signature: new Uint8Array(64) } };
    expect(await codeOfPromise(opening(forged))).toBe('SIGNATURE');
    expect(store.usedBytes).toBe(0);
  });

  it('when the publisher cannot pay what it promises', async () => {
    expect(await openCode({ maxFee: 10n })).toBe('PROMISE');
    ledger.pay(ed25519Address(PUBLISHER.publicKey), 10n);
    expect(await openCode({ maxFee: 10n })).toBe('none');
    expect(await openCode({ maxFee: 11n })).toBe('PROMISE');
    // another blob: the account has promised all it has
    expect(await codeOfPromise(opening(await prepared(KIB, { maxFee: 1n }, 9)))).toBe('PROMISE');
    ledger = new Ledger([1n], { gasPrice: 1n });
    ledger.advance(5);
    await store.close();
    await start();
    expect(await openCode({})).toBe('PROMISE');
  });

  it('before a head is known, and by a node outside the committee', async () => {
    const blob = await prepared(KIB);
    await store.close();
    ledger = new Ledger([1n, 1n, 1n, 1n]);
    await start();
    expect(await codeOfPromise(opening(blob))).toBe('BUSY');
    ledger.advance(5);
    const address = ed25519Address(signerOf(9).publicKey);
    const outside = new UploadService({
      chain: new ChainView(ledger),
      store,
      pool,
      reservations: new Reservations(),
      clock: { now: () => nowMs, sleep: async () => {} },
      verifyEd25519: nobleEd25519,
      signer: signerOf(9),
      address,
    });
    const { rowRoot, rlcOriginal } = blob.blob;
    const request: UploadRequest = { open: { promise: blob.promise, prime: { rowRoot, rlcOriginal } } };
    expect(await codeOfPromise(outside.answer(request, from))).toBe('REFUSED');
  });

  it('for prime data of another commitment', async () => {
    const blob = await prepared(KIB);
    const { rowRoot, rlcOriginal } = blob.blob;
    const other = rlcOriginal.slice();
    other[5] = (other[5] ?? 0) ^ 1;
    const open = (prime: { rowRoot: Uint8Array; rlcOriginal: Uint8Array }) =>
      codeOfPromise(service.answer({ open: { promise: blob.promise, prime } }, from));
    expect(await open({ rowRoot, rlcOriginal: other })).toBe('COMMITMENT_MISMATCH');
    expect(await open({ rowRoot: other.slice(0, 32), rlcOriginal })).toBe('COMMITMENT_MISMATCH');
    expect(await open({ rowRoot, rlcOriginal: rlcOriginal.subarray(16) })).toBe('COMMITMENT_MISMATCH');
    expect(await opening(blob)).toEqual(answered(blob, 0));
    // the worker knows the blob by now, and still looks at every byte of what would be stored
    const second = await prepared(KIB, { nonce: 2 });
    expect(
      await codeOfPromise(service.answer({ open: { promise: second.promise, prime: { rowRoot, rlcOriginal: other } } }, from)),
    ).toBe('COMMITMENT_MISMATCH');
  });

  it('for rows that are wrong, not assigned, or too many, and keeps none of the request', async () => {
    const blob = await prepared();
    await opening(blob);
    const [first, second] = blob.rows as [RowProof, RowProof];
    const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 9 ? byte ^ 1 : byte));
    expect(await codeOfPromise(sending(blob, [second, { ...first, row: flip(first.row) }]))).toBe('ROW_PATH');
    expect(await codeOfPromise(sending(blob, [second, { ...first, path: flip(first.path) }]))).toBe('ROW_PATH');
    expect(await codeOfPromise(sending(blob, [second, { ...first, path: first.path.subarray(32) }]))).toBe('ROW_PATH');
    expect(await codeOfPromise(sending(blob, [second, { ...first, row: first.row.subarray(64) }]))).toBe('ROW_SIZE');
    expect(await codeOfPromise(sending(blob, [second, { ...first, index: second.index }]))).toBe('ROW_PATH');
    const held = new Set(blob.rows.map(({ index }) => index));
    const foreign = Array.from({ length: 256 }, (_, i) => i).find((index) => !held.has(index)) ?? 0;
    expect(await codeOfPromise(sending(blob, [second, proofOf(blob.blob, foreign)]))).toBe('ROW_INDEX');
    const many = Array.from({ length: 600 }, () => first);
    expect(await codeOfPromise(sending(blob, many))).toBe('FRAME_TOO_LARGE');
    expect(await sending(blob, [])).toEqual({ missing: blob.rows.length });
  });

  it('for a blob whose parity is not the extension of its originals', async () => {
    const geometry = blobGeometry(KIB, 4);
    const original = packBlob(new Uint8Array(KIB).fill(7), geometry);
    const codec = await loadCodec();
    const parity = codec.encode({ ...geometry, original, layout: 'high' }).map((byte, i) => (i % 64 === 3 ? byte ^ 1 : byte));
    const blob = await prepareRows(
      { pool, ledger, publisher: PUBLISHER, member: MEMBER },
      { ...codec.commit({ ...geometry, original, parity }), original, parity },
      KIB,
    );
    await opening(blob);
    const originals = blob.rows.filter(({ index }) => index < geometry.k);
    const [extended] = blob.rows.filter(({ index }) => index >= geometry.k) as [RowProof];
    expect(await sending(blob, originals)).toEqual({ missing: blob.rows.length - originals.length });
    expect(await codeOfPromise(sending(blob, [extended]))).toBe('ROW_RLC');
    expect(await codeOfPromise(signing(blob))).toBe('NOT_ENOUGH_ROWS');
  });

  it('for steps that are none, or several, or of no open upload', async () => {
    const blob = await prepared(KIB);
    expect(await codeOfPromise(sending(blob, blob.rows))).toBe('NOT_FOUND');
    expect(await codeOfPromise(signing(blob))).toBe('NOT_FOUND');
    expect(await codeOfPromise(service.answer({}, from))).toBe('PARSE');
    const id = promiseIdOf(blob.promise.body);
    expect(await codeOfPromise(service.answer({ sign: id, rows: { promiseId: id, rows: [] } }, from))).toBe('PARSE');
  });

  it('when the store is full', async () => {
    await store.close();
    await start(200 * KIB);
    expect(await codeOfPromise(opening(await prepared(100 * KIB)))).toBe('STORE_FULL');
    expect(service.openUploads).toBe(0);
  });

  it('when a peer has too many open, until they are idle', async () => {
    const blobs = await Promise.all(Array.from({ length: MAX_OPEN_UPLOADS_PER_PEER + 1 }, (_, i) => prepared(KIB, {}, i)));
    const [last, ...others] = blobs as [Prepared, ...Prepared[]];
    for (const blob of others) await opening(blob);
    expect(await codeOfPromise(opening(last))).toBe('BUSY');
    expect(await codeOfPromise(opening(last, 'another'))).toBe('none');
    nowMs += UPLOAD_IDLE_MS + 1;
    expect(await codeOfPromise(opening(await prepared(KIB, {}, 99)))).toBe('none');
    expect(service.openUploads).toBe(1);
  });

  it('when one network has all, but not to others: those of it that were opened first are to be opened again', async () => {
    const blobs = await Promise.all(Array.from({ length: MAX_OPEN_UPLOADS + 2 }, (_, i) => prepared(KIB, {}, i)));
    const [mine, late, first, ...rest] = blobs as [Prepared, Prepared, Prepared, ...Prepared[]];
    const there = '/ip4/198.51.100.7/tcp/1';
    const peers = MAX_OPEN_UPLOADS / MAX_OPEN_UPLOADS_PER_PEER;
    for (const [i, blob] of [first, ...rest].entries()) await opening(blob, `many-${i % peers}`, there);
    expect(service.openUploads).toBe(MAX_OPEN_UPLOADS);
    expect(await codeOfPromise(opening(late, 'one more', there))).toBe('none'); // of that network, but with fewer than its peers
    expect(await codeOfPromise(opening(mine))).toBe('none');
    expect(service.openUploads).toBe(MAX_OPEN_UPLOADS);
    expect(await codeOfPromise(signing(first))).toBe('NOT_FOUND');
    expect(await codeOfPromise(opening(first, 'many-0', there))).toBe('BUSY');
    expect(await sending(mine, mine.rows)).toEqual({ missing: 0 });
    expect((await signing(mine)).signature).toBeDefined();
    expect(await codeOfPromise(opening(first, 'many-0', there))).toBe('none'); // the place of what is signed is free
  });

  it('when a peer or an account has too many uncertified bytes, or has promised more than it has', () => {
    const reservations = new Reservations();
    const MIB = KIB * KIB;
    const reserve = (
      blob: number,
      peerId: string,
      account: number,
      changes: { bytes?: number; until?: number; maxFee?: bigint },
    ) =>
      reservations.add({
        body: {
          blobId: new Uint8Array(33).fill(blob),
          publisher: Uint8Array.of(account),
          maxFee: changes.maxFee ?? 0n,
          expiryHeight: 50,
        },
        committeeHash: new Uint8Array(32),
        peerId,
        bytes: changes.bytes ?? 0,
        until: changes.until ?? 10,
        balance: 100n,
      });
    const refusal = (codeOf: string) => expect.objectContaining({ code: codeOf });
    reserve(1, 'p', 1, { bytes: 400 * MIB });
    reserve(1, 'p', 1, { bytes: 400 * MIB });
    expect(() => reserve(2, 'p', 2, { bytes: 200 * MIB })).toThrow(refusal('BUSY'));
    reserve(3, 'q', 1, { bytes: 400 * MIB, until: 20, maxFee: 60n });
    expect(() => reserve(4, 'r', 1, { bytes: 400 * MIB })).toThrow(refusal('BUSY'));
    expect(() => reserve(4, 'r', 1, { maxFee: 41n })).toThrow(refusal('PROMISE'));
    // a later promise for the same rows takes the place of the earlier one
    reserve(3, 'q', 1, { bytes: 400 * MIB, until: 20, maxFee: 70n }).release();
    const held = reserve(4, 'r', 1, { maxFee: 40n });
    held.extend(30);
    reservations.expire(11);
    expect(() => reserve(2, 'p', 2, { bytes: 200 * MIB })).not.toThrow();
    const ids = () => reservations.next(9).map(({ blobId }) => blobId[0]);
    expect(ids()).toEqual([3, 4, 2]);
    held.release();
    reservations.expire(21);
    expect(ids()).toEqual([]);
  });
});

describe('rows', () => {
  it('are given with their prime, and refused one by one', async () => {
    const blob = await prepared();
    await upload(blob);
    const { blobId } = blob.promise.body;
    const { rowRoot, rlcOriginal } = blob.blob;
    const [first] = blob.rows as [RowProof];
    const held = new Set(blob.rows.map(({ index }) => index));
    const foreign = Array.from({ length: 256 }, (_, i) => i).find((index) => !held.has(index)) ?? 0;
    expect(await asked(blobId, [first.index, foreign], true)).toEqual([
      { prime: { rowRoot, rlcOriginal }, status: ROW_STATUS.row },
      { index: first.index, status: ROW_STATUS.row, proof: first },
      { index: foreign, status: ROW_STATUS.notAssigned },
    ]);
    const many = Array.from({ length: 700 }, () => first.index);
    expect(await codeOfPromise(asked(blobId, many))).toBe('INVALID_ARGUMENT');
  });

  it('of a blob that is not here are not assigned', async () => {
    const { blobId } = (await prepared()).promise.body;
    expect(await asked(blobId, [1, 2], true)).toEqual([
      { status: ROW_STATUS.notAssigned },
      { index: 1, status: ROW_STATUS.notAssigned },
      { index: 2, status: ROW_STATUS.notAssigned },
    ]);
  });

  it('are given while one network asks for as many as it can, and takes nothing of them', async () => {
    const blob = await prepared();
    await upload(blob);
    const { blobId } = blob.promise.body;
    const indices = blob.rows.slice(0, 3).map(({ index }) => index);
    const slow = Array.from({ length: MAX_ROW_REQUESTS }, (_, i) => {
      const peer = { ...from, peerId: `slow-${i}`, remoteAddress: '/ip4/198.51.100.7/tcp/1' };
      return rowsService.answer({ blobId, indices, prime: true }, peer);
    });
    for (const one of slow) await one.next();
    const statuses = async (): Promise<number[]> => (await asked(blobId, indices)).map(({ status }) => status);
    expect(await statuses()).toEqual([ROW_STATUS.row, ROW_STATUS.row, ROW_STATUS.row]);
    // whoever lost a place hears of it when it has taken what was on its way
    expect((await Promise.all(slow.map((one) => codeOfPromise(one.next())))).filter((each) => each === 'BUSY')).toHaveLength(1);
    for (const one of slow) await one.return();
    const same = Array.from({ length: MAX_ROW_REQUESTS }, () => rowsService.answer({ blobId, indices, prime: true }, from));
    for (const one of same) await one.next();
    expect(await statuses()).toEqual([ROW_STATUS.busy, ROW_STATUS.busy, ROW_STATUS.busy]);
    for (const one of same) await one.return();
    expect(await statuses()).toEqual([ROW_STATUS.row, ROW_STATUS.row, ROW_STATUS.row]);
    expect(faults).toEqual([]);
  });

  it('that came before the upload was complete are given, those still missing are refused', async () => {
    const blob = await prepared();
    await opening(blob);
    await sending(blob, blob.rows.slice(0, 1));
    const [a, b] = blob.rows as [RowProof, RowProof];
    const answers = await asked(blob.promise.body.blobId, [a.index, b.index]);
    expect(answers.map(({ status }) => status)).toEqual([ROW_STATUS.row, ROW_STATUS.refused]);
    expect(faults).toEqual([]);
  });
});

describe('time', () => {
  const pass = async (blocks: number): Promise<void> => {
    for (let i = 0; i < blocks; i += 10) {
      ledger.advance(10);
      await retention.idle();
    }
  };

  it('that is over before the signature leaves nothing to be signed for', async () => {
    const blob = await prepared(100 * KIB, { expiryHeight: 20 });
    await opening(blob);
    await sending(blob, blob.rows);
    ledger.advance(15);
    await retention.idle();
    expect(await codeOfPromise(signing(blob))).toBe('PROMISE');
  });

  it('takes rows of an upload that nobody finished', async () => {
    const blob = await prepared();
    await opening(blob);
    await sending(blob, blob.rows.slice(0, 50));
    await pass(UNCERTIFIED_BLOCKS);
    expect(store.usedBytes).toBeGreaterThan(0);
    await pass(10);
    expect(store.usedBytes).toBe(0);
    expect((await asked(blob.promise.body.blobId, [1]))[0]?.status).toBe(ROW_STATUS.notAssigned);
  });

  it('takes rows that were signed for only when no block takes their certificate any more', async () => {
    const blob = await prepared();
    await upload(blob);
    await pass(190); // an epoch has 100 blocks: epoch 0 may be named up to block 200
    expect(ledger.head()?.height).toBe(195);
    expect(store.usedBytes).toBeGreaterThan(0);
    ledger.advance(5);
    await retention.idle();
    expect(store.usedBytes).toBeGreaterThan(0);
    ledger.advance();
    await retention.idle();
    expect(store.usedBytes).toBe(0);
  });

  it('leaves rows that are found complete and without an entry until no certificate for them can come', async () => {
    const blob = await prepared();
    await upload(blob);
    await store.close();
    await rm(join(dir, 'index'), { recursive: true });
    await start();
    expect(faults.map(({ code: told }) => told)).toEqual(['STORE_CORRUPT']);
    await pass(90);
    expect(store.usedBytes).toBeGreaterThan(0);
    ledger.record(recordOf(blob.certificate, 95));
    await pass(400);
    expect((await asked(blob.promise.body.blobId, [blob.rows[0]?.index ?? 0]))[0]?.status).toBe(ROW_STATUS.row);
    await pass(20);
    expect(store.usedBytes).toBe(0);
  });

  it('leaves rows of a recorded blob until it expires', async () => {
    const blob = await prepared();
    await upload(blob);
    ledger.record(recordOf(blob.certificate, 6));
    await pass(490);
    expect(ledger.head()?.height).toBe(495);
    ledger.advance(5); // the expiry itself
    await retention.idle();
    const { blobId } = blob.promise.body;
    expect((await asked(blobId, [blob.rows[0]?.index ?? 0]))[0]?.status).toBe(ROW_STATUS.row);
    // a later certificate extends the time
    ledger.record({ ...recordOf(blob.certificate, 6), expiryHeight: 600 });
    await pass(100);
    expect(store.usedBytes).toBeGreaterThan(0);
    expect(ledger.head()?.height).toBe(600);
    ledger.advance();
    await retention.idle();
    expect(store.usedBytes).toBe(0);
    expect((await asked(blobId, [1], true)).map(({ status }) => status)).toEqual([ROW_STATUS.pruned, ROW_STATUS.pruned]);
  });

  it('does not excuse a member that lost what it owes', async () => {
    const blob = await prepared();
    const { blobId } = blob.promise.body;
    ledger.record(recordOf(blob.certificate, 6));
    const held = new Set(blob.rows.map(({ index }) => index));
    const own = blob.rows[0]?.index ?? 0;
    const foreign = Array.from({ length: 256 }, (_, i) => i).find((index) => !held.has(index)) ?? 0;
    expect((await asked(blobId, [own, foreign], true)).map(({ status }) => status)).toEqual([
      ROW_STATUS.refused,
      ROW_STATUS.refused,
      ROW_STATUS.notAssigned,
    ]);
  });

  it('takes nothing while the chain cannot be asked', async () => {
    await upload(await prepared());
    ledger.broken = true;
    await pass(200);
    expect(store.usedBytes).toBeGreaterThan(0);
    expect(faults.length).toBeGreaterThan(0);
    ledger.broken = false;
    await pass(10);
    expect(store.usedBytes).toBe(0);
  });
});
