import { timestampOfMs, unixMs, unixNanos } from '@perigee/light-core/comet';
import { BLOCK_ID_FLAG, type Commit, MAX_MEMPOOL_BYTES, MAX_MEMPOOL_TXS, toHex, txIdOf, u32le } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import type { TxResult } from '../../src/application/index.ts';
import { medianTime, voteTime } from '../../src/engine/block-time.ts';
import { Mempool } from '../../src/engine/mempool.ts';
import { newValidatorSet } from '../../src/engine/validator-set.ts';
import { RESULT_CODE } from '../../src/index.ts';
import { certificateOf } from '../certificates.ts';
import { GENESIS_TIME, genesisOf, openChain, signerOf, TestClock, transferTx, VALIDATORS } from '../devnet.ts';
import { growTo, headerOf } from '../follow.ts';

/** A commit with these times in seconds, `undefined` for an absent vote, of validators with these powers. */
function median(times: readonly (number | undefined)[], powers: readonly bigint[]): number {
  const set = newValidatorSet(powers.map((power, i) => ({ publicKey: signerOf(VALIDATORS[i] ?? '').publicKey, power })));
  // the set is in its own order: find each one's time by its key
  const signatures = set.validators.map(({ address, votingPower }) => {
    const time = times[powers.indexOf(votingPower)];
    const blockIdFlag = time === undefined ? BLOCK_ID_FLAG.absent : BLOCK_ID_FLAG.commit;
    return { blockIdFlag, validatorAddress: address, timestamp: { seconds: time ?? 0, nanos: 0 }, signature: new Uint8Array(64) };
  });
  const blockId = { hash: new Uint8Array(32), partSetHeader: { total: 1, hash: new Uint8Array(32) } };
  const commit: Commit = { height: 1, round: 0, blockId, signatures };
  return medianTime(commit, set).seconds;
}

describe('the time of a block', () => {
  it('is the median of its votes, weighted by power, without those that are absent', () => {
    expect(median([10, 20, 30, 40], [1n, 2n, 3n, 4n])).toBe(30);
    expect(median([40, 30, 20, 10], [1n, 2n, 3n, 100n])).toBe(10);
    expect(median([10, undefined, 30, 40], [1n, 2n, 3n, 4n])).toBe(30);
    expect(median([10, 20, undefined, undefined], [1n, 2n, 3n, 4n])).toBe(10);
    expect(median([10, 20, 30, undefined], [1n, 2n, 3n, 4n])).toBe(20);
    expect(() => median([undefined, undefined], [1n, 2n])).toThrow(expect.objectContaining({ code: 'COMMIT' }));
  });

  it('rises by a millisecond at least, whatever the clock says', () => {
    const block = timestampOfMs(5_000);
    expect(unixMs(voteTime(block, 7_000))).toBe(7_000);
    for (const now of [5_000, 4_000, 0, 5_000.9]) expect(unixMs(voteTime(block, now))).toBe(5_001);
  });

  it('rises when the clock goes back', async () => {
    const clock = new TestClock();
    const chain = await openChain(temporaryFolder('clock'), genesisOf(), { clock });
    await growTo(chain, 4);
    clock.advance(-3_600_000);
    const from = chain.latest().height;
    await growTo(chain, from + 4);
    for (let height = 2; height <= from + 4; height++) {
      expect(unixNanos(headerOf(chain, height).time)).toBeGreaterThan(unixNanos(headerOf(chain, height - 1).time));
    }
    expect(unixMs(headerOf(chain, 1).time)).toBe(GENESIS_TIME);
    await chain.close();
  });
});

describe('the pace of blocks', () => {
  it('is the interval when nothing waits, and a tenth of a second when something does', async () => {
    const clock = new TestClock();
    const chain = await openChain(temporaryFolder('pace'), genesisOf(), { clock });
    const begun: number[] = [];
    chain.onBlock(() => void begun.push(clock.now()));
    await growTo(chain, 5);
    const gaps = begun.slice(1).map((time, i) => time - (begun[i] ?? 0));
    expect(gaps.every((gap) => gap === 1_000)).toBe(true);
    const before = clock.now();
    const { height } = await chain.submit(await transferTx(chain.genesis));
    expect(clock.now() - before).toBeLessThanOrEqual(2_000);
    const at = clock.now();
    await growTo(chain, height + 1);
    // the state after a transaction is news: the header over it does not wait
    expect(clock.now() - at).toBeLessThanOrEqual(1_200);
    await chain.close();
  });
});

describe('a chain', () => {
  it('knows the blobs recorded last, newest first, each once, also when opened again', async () => {
    const dir = temporaryFolder('blobs');
    const genesis = genesisOf();
    const ids = [];
    let chain = await openChain(dir, genesis);
    for (let nonce = 0; nonce < 18; nonce++) {
      const blobId = new Uint8Array(33).fill(nonce + 1, 1);
      const certificate = await certificateOf(genesis, { blobId });
      const raw = await transferTx(genesis, { nonce, gasLimit: 1e6, messages: [{ certify: { certificate } }] });
      expect(await chain.add(raw)).toMatchObject({ code: 0 });
      ids.unshift(toHex(blobId));
    }
    await growTo(chain, 4);
    expect(chain.recentBlobs().map(toHex)).toEqual(ids.slice(0, 16));
    const again = await certificateOf(genesis, { blobId: new Uint8Array(33).fill(5, 1), expiryHeight: 200 });
    const extend = await transferTx(genesis, { nonce: 18, gasLimit: 1e6, messages: [{ certify: { certificate: again } }] });
    expect(await chain.submit(extend)).toMatchObject({ code: 0 });
    const expected = [ids[13], ...ids.slice(0, 13), ...ids.slice(14, 16)];
    expect(chain.recentBlobs().map(toHex)).toEqual(expected);
    await chain.close();
    chain = await openChain(dir, genesis);
    expect(chain.recentBlobs().map(toHex)).toEqual(expected);
    await chain.close();
  });

  it('tells a waiting sender when a block holds its transaction', async () => {
    const chain = await openChain(temporaryFolder('nonce'));
    const genesis = chain.genesis;
    await chain.add(await transferTx(genesis, { nonce: 0 }));
    const late = await transferTx(genesis, { nonce: 1, expiryHeight: 3 });
    await chain.add(late);
    expect(chain.result(txIdOf(late))).toMatchObject({ height: 0, code: 0 });
    void chain.run();
    expect(await chain.settled(txIdOf(late))).toMatchObject({ height: 3, code: 0 });
    await chain.close();
  });

  it('is refused a header or a proof that is not there', async () => {
    const chain = await openChain(temporaryFolder('absent'));
    for (const height of [0, 3, 1e9])
      expect(() => chain.lightBlock(height)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    // the state of block 2 has no header over it yet
    expect(() => chain.prove('account', Uint8Array.of(1), 2)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(chain.prove('account', Uint8Array.of(1)).height).toBe(1);
    await chain.close();
  });
});

describe('the mempool', () => {
  const ok: TxResult = { code: 0, data: new Uint8Array(0), log: '', gasWanted: 0, gasUsed: 0, events: [] };

  it('is BUSY when it holds as many transactions, or bytes, as it may', async () => {
    const many = new Mempool({ checkTx: async () => ok });
    for (let i = 0; i < MAX_MEMPOOL_TXS; i++) await many.add(u32le(i));
    await expect(many.add(u32le(MAX_MEMPOOL_TXS))).rejects.toMatchObject({ code: 'BUSY' });
    expect(await many.add(u32le(7))).toBeUndefined();
    const large = new Mempool({ checkTx: async () => ok });
    const half = MAX_MEMPOOL_BYTES / 2;
    await large.add(new Uint8Array(half));
    await large.add(new Uint8Array(half).fill(1));
    await expect(large.add(Uint8Array.of(1))).rejects.toMatchObject({ code: 'BUSY' });
    await large.update([new Uint8Array(half)], async () => {});
    expect(await large.add(Uint8Array.of(1))).toBeUndefined();
  });

  it('lets go of what a block held, and of what the state refuses after it', async () => {
    const refused = { ...ok, code: RESULT_CODE.TX_EXPIRED, log: 'expired' };
    const mempool = new Mempool({ checkTx: async ({ tx, type }) => (type === 'recheck' && tx[0] === 2 ? refused : ok) });
    const txs = [1, 2, 3].map((byte) => Uint8Array.of(byte));
    for (const tx of txs) await mempool.add(tx);
    const steps: string[] = [];
    const updating = mempool.update(txs.slice(0, 1), async () => void steps.push('commit'));
    const adding = mempool.add(Uint8Array.of(4)).then(() => steps.push('add'));
    const dropped = await updating;
    await adding;
    expect(steps).toEqual(['commit', 'add']);
    expect([...dropped]).toEqual([[toHex(txIdOf(Uint8Array.of(2))), refused]]);
    expect(mempool.txs).toEqual([Uint8Array.of(3), Uint8Array.of(4)]);
  });
});
