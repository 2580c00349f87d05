import { nobleEd25519 } from '@perigee/light-core/signature';
import { blobListKey, lastBlobListKey, STORE, verifyStateProof } from '@perigee/light-core/state';
import { BlobList, type Certificate, LastBlobList, MAX_BLOBS_PER_HEIGHT, toHex, u32le, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import type { FinalizeBlockResponse } from '../../src/application/index.ts';
import { RESULT_CODE, StateMachine } from '../../src/index.ts';
import { executeTx } from '../../src/machine/execute-tx.ts';
import { TxPreparer } from '../../src/machine/prepare-tx.ts';
import { StateView } from '../../src/state/index.ts';
import { certificateOf } from '../certificates.ts';
import { genesisOf, transferTx } from '../devnet.ts';
import { drive, finalizeOf } from './drive.ts';

const genesis = genesisOf({ epochBlocks: 100_000 });
const ALL = new Uint8Array(0);
const [A, B] = [utf8('a'), utf8('ab')];
const idOf = (n: number) => new Uint8Array(33).fill(n, 1);
const expiryHeight = 100_000;

/** A chain whose every read is proved under the app hash of its last block. */
async function listed() {
  const chain = await drive(genesis);
  let nonce = 0;
  let appHash = new Uint8Array(0);
  const block = async (...certificates: readonly Certificate[]): Promise<FinalizeBlockResponse> => {
    const txs = await Promise.all(
      certificates.map((certificate) =>
        transferTx(genesis, { nonce: nonce++, expiryHeight: 5_000, gasLimit: 1e6, messages: [{ certify: { certificate } }] }),
      ),
    );
    const response = await chain.block(txs);
    expect(response.txResults.map(({ code }) => code)).toEqual(txs.map(() => 0));
    appHash = Uint8Array.from(response.appHash);
    return response;
  };
  const proved = (key: Uint8Array) =>
    verifyStateProof(chain.machine.prove(STORE.da, key, chain.height()), { appHash, store: STORE.da, key });
  const at = (namespace: Uint8Array, height: number) => {
    const raw = proved(blobListKey(namespace, height));
    return raw === undefined ? undefined : BlobList.decodeCanonical(raw);
  };
  /** Walks all lists of a namespace, newest first, and gives their heights and ids. */
  const walk = (namespace: Uint8Array) => {
    const last = proved(lastBlobListKey(namespace));
    const lists: [number, string[]][] = [];
    for (let height = last === undefined ? 0 : LastBlobList.decodeCanonical(last).height; height > 0; ) {
      const list = at(namespace, height);
      if (list === undefined) throw new Error(`list ${height} is missing`);
      lists.push([height, list.blobIds.map(toHex)]);
      height = list.previous;
    }
    return lists;
  };
  return { chain, block, at, walk };
}

const hex = (...ids: readonly number[]) => ids.map((n) => toHex(idOf(n)));

describe('the lists of blobs', () => {
  it('name every blob of a block, by namespace and in all, and the list before', async () => {
    const { chain, block, at, walk } = await listed();
    const of = (n: number, namespace: Uint8Array) => certificateOf(genesis, { blobId: idOf(n), namespace, expiryHeight });
    await block();
    expect(walk(ALL)).toEqual([]);
    await block(await of(2, A), await of(1, B));
    await block();
    await block(await of(3, B));
    await block(await of(5, A), await of(4, A));
    expect(walk(A)).toEqual([
      [5, hex(5, 4)],
      [2, hex(2)],
    ]);
    expect(walk(B)).toEqual([
      [4, hex(3)],
      [2, hex(1)],
    ]);
    expect(walk(ALL)).toEqual([
      [5, hex(5, 4)],
      [4, hex(3)],
      [2, hex(2, 1)],
    ]);
    // that nothing was recorded is proved as well
    for (const height of [1, 3]) expect(at(ALL, height)).toBeUndefined();
    expect(at(A, 4)).toBeUndefined();
    expect(walk(utf8('never used'))).toEqual([]);
    await chain.machine.close();
  });

  it('name a blob again where it was extended, under the namespace of the new certificate', async () => {
    const { chain, block, walk } = await listed();
    const of = (namespace: Uint8Array, until: number, quorum = 0) =>
      certificateOf(genesis, { blobId: idOf(1), namespace, quorum, expiryHeight: until });
    await block(await of(A, 100, 7_000));
    await block(await of(B, 200), await of(A, 300), await of(A, 400));
    await block(await of(B, 500));
    expect(walk(A)).toEqual([
      [2, hex(1)],
      [1, hex(1)],
    ]);
    expect(walk(B)).toEqual([
      [3, hex(1)],
      [2, hex(1)],
    ]);
    expect(walk(ALL)).toEqual([
      [3, hex(1)],
      [2, hex(1)],
      [1, hex(1)],
    ]);
    expect(chain.blob(idOf(1))).toMatchObject({ namespace: B, quorum: 0, expiryHeight: 500, height: 3 });
    await chain.machine.close();
  });

  it('leave out what failed', async () => {
    const { chain, walk, block } = await listed();
    const good = await certificateOf(genesis, { blobId: idOf(1), expiryHeight });
    const bad = { ...(await certificateOf(genesis, { blobId: idOf(2), expiryHeight })), persist: true };
    const raw = await transferTx(genesis, {
      gasLimit: 1e6,
      messages: [good, bad].map((certificate) => ({ certify: { certificate } })),
    });
    expect((await chain.block([raw])).txResults[0]?.code).toBe(RESULT_CODE.SIGNATURE);
    await block();
    expect(walk(ALL)).toEqual([]);
    await chain.machine.close();
  });

  it('stay provable when the heights at which they were written no longer are', async () => {
    const { chain, block, walk } = await listed();
    const heights = new Set([1, 2, 3, 40, 41, 500, 777, 1_100]);
    for (let height = 1; height <= 1_150; height++) {
      if (heights.has(height))
        await block(await certificateOf(genesis, { blobId: idOf(height % 251), expiryHeight, namespace: A }));
      else await block();
    }
    const expected = [...heights].reverse().map((height) => [height, hex(height % 251)]);
    expect(walk(ALL)).toEqual(expected);
    expect(walk(A)).toEqual(expected);
    expect(() => chain.machine.prove(STORE.da, blobListKey(A, 500), 500)).toThrow(expect.objectContaining({ code: 'PRUNED' }));
    await chain.machine.close();
  });
});

describe('a block', () => {
  it('has no room for a transaction with more certificates than it may still record', async () => {
    const chain = await drive(genesis);
    const certificates = await Promise.all([1, 2].map((n) => certificateOf(genesis, { blobId: idOf(n) })));
    const raw = await transferTx(genesis, {
      gasLimit: 1e6,
      messages: certificates.map((certificate) => ({ certify: { certificate } })),
    });
    const view = new StateView({ get: chain.value });
    await chain.block();
    const prepared = await new TxPreparer(genesis, nobleEd25519).prepare(raw, view, 2);
    const execute = (recorded: number) =>
      view.attempt(
        () => executeTx(view, prepared, { genesis, height: 2, seconds: 0, recorded, streamBytes: 0, registrations: 0 }),
        () => false,
      );
    expect(execute(MAX_BLOBS_PER_HEIGHT - 2)).toMatchObject({ charged: true, result: { code: 0 }, blobs: { length: 2 } });
    const full = { code: RESULT_CODE.BUSY, gasUsed: 0, log: expect.stringContaining('the next may have') };
    for (const recorded of [MAX_BLOBS_PER_HEIGHT - 1, MAX_BLOBS_PER_HEIGHT])
      expect(execute(recorded)).toMatchObject({ charged: false, result: full, blobs: [] });
    await chain.machine.close();
  });

  it.runIf(process.env.PERIGEE_LONG === '1')(
    `records ${MAX_BLOBS_PER_HEIGHT} blobs and no more; the others wait for the next`,
    async () => {
      // what is counted here are blobs, so their signatures are not looked at
      const machine = await StateMachine.open({ dir: temporaryFolder('many'), verifyEd25519: async () => true });
      await machine.initChain(genesis.initChain);
      const certificate = await certificateOf(genesis, { expiryHeight });
      const perTx = 16;
      const txs = await Promise.all(
        Array.from({ length: MAX_BLOBS_PER_HEIGHT / perTx + 2 }, (_, i) => {
          const messages = Array.from({ length: perTx }, (_, j) => {
            const blobId = new Uint8Array(33);
            blobId.set(u32le(1 + perTx * i + j), 1);
            return { certify: { certificate: { ...certificate, blobId } } };
          });
          // 64 transactions of an account may wait, and so many have one nonce after another
          return transferTx(genesis, { lane: i % 50, nonce: Math.floor(i / 50), gasLimit: 1e6, messages });
        }),
      );
      const [last, after] = [txs.at(-2) ?? new Uint8Array(0), txs.at(-1) ?? new Uint8Array(0)];
      const time = genesis.initChain.time;
      const { txs: taken } = await machine.prepareProposal({ txs, maxTxBytes: 1e8, height: 1, time });
      expect(taken).toEqual(txs.slice(0, -2));
      expect(await machine.processProposal({ txs: taken, height: 1, time })).toEqual({ accept: true });
      expect(await machine.processProposal({ txs: [...taken, last], height: 1, time })).toEqual({ accept: false });
      const response = await machine.finalizeBlock(finalizeOf([...taken, last], 1));
      expect(response.txResults.slice(0, -1).every(({ code }) => code === 0)).toBe(true);
      expect(response.txResults.at(-1)).toMatchObject({ code: RESULT_CODE.BUSY, gasUsed: 0 });
      expect((await machine.finalizeBlock(finalizeOf(taken, 1))).appHash).toEqual(response.appHash);
      await machine.commit();
      await machine.finalizeBlock(finalizeOf([last, after], 2));
      await machine.commit();
      const read = (height: number) =>
        BlobList.decodeCanonical(machine.prove(STORE.da, blobListKey(ALL, height), 2).inner.exist?.value ?? new Uint8Array(0));
      expect(read(1)).toMatchObject({ previous: 0, blobIds: { length: MAX_BLOBS_PER_HEIGHT } });
      expect(read(2)).toMatchObject({ previous: 1, blobIds: { length: 2 * perTx } });
      await machine.close();
    },
  );
});
