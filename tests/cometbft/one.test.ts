import { once } from 'node:events';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Chain, Genesis } from '@perigee/chain';
import { anchor, headerHash, unixMs, unverified, verify } from '@perigee/light-core/comet';
import { bestEd25519 } from '@perigee/light-core/signature';
import { DeterministicTxResult, type HeaderAnswer, toHex, txIdOf, verifyMerklePath } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cometbftProgram } from '../kit/cometbft.ts';
import { temporaryFolder } from '../kit/folder.ts';
import { freePort } from '../kit/port.ts';
import { genesisOf, type LocalChain, openChain, secretOf, transferTx } from './local-chain.ts';
import { recording, replayed } from './recorder.ts';

const missing = cometbftProgram() === undefined;

/** Resolves when the chain has this header. */
function untilHeight(chain: Chain, height: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (chain.latest().height < height) return;
      stop();
      resolve();
    };
    const stop = chain.onBlock(look);
    look();
  });
}

function headerOf(answer: HeaderAnswer) {
  const header = answer.block.signedHeader?.header;
  if (header === undefined) throw new Error('the answer has no header');
  return header;
}

describe.skipIf(missing)('a chain of one validator', () => {
  const dir = temporaryFolder('comet');
  const genesis = genesisOf();
  const record = recording();
  let local: LocalChain;
  let nonce = 0;

  beforeAll(async () => {
    local = await openChain(dir, genesis, { wrap: record.wrap, snapshotInterval: 5 });
  });
  afterAll(() => local.chain.close());

  const transfer = async () => local.chain.submit(await transferTx(genesis, nonce++));

  it('begins with the genesis hash of the embedded engine', async () => {
    expect(local.chain.earliest).toBe(1);
    const { appHash, time, version } = headerOf(await local.chain.lightBlock(1));
    expect(appHash).toEqual(genesis.genesisHash);
    expect({ time, version }).toEqual({ time: genesis.initChain.time, version: { block: 11, app: 0 } });
  });

  it('tells what became of a transaction, and refuses what the application refuses', async () => {
    const raw = await transferTx(genesis, nonce++);
    const waiting = await local.chain.add(raw);
    expect(waiting).toMatchObject({ height: 0, code: 0 });
    const done = await local.chain.settled(waiting.txId);
    expect(done).toMatchObject({ code: 0, txId: txIdOf(raw) });
    expect(await local.chain.add(raw)).toEqual(done);
    expect(await local.chain.submit(raw)).toEqual(done);
    const refused = await local.chain.submit(await transferTx(genesis, 99));
    expect(refused).toMatchObject({ height: 0, code: 8 });
    expect(await local.chain.result(refused.txId)).toBeUndefined();
    await expect(local.chain.settled(refused.txId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is verified by the light client, header by header', async () => {
    await untilHeight(local.chain, 5);
    const { chain } = local;
    const answers = await Promise.all([1, 2, 3, 4, 5].map((height) => chain.lightBlock(height)));
    const [first = { block: {} }, ...others] = answers;
    const options = { now: Date.now(), verifyEd25519: bestEd25519(globalThis.crypto.subtle) };
    const { height, time } = headerOf(first);
    const root = {
      chainId: chain.chainId,
      genesisHash: genesis.genesisHash,
      height,
      headerHash: headerHash(headerOf(first)),
      time,
      peers: [],
    };
    let trusted = await anchor(root, unverified(first), options);
    for (const answer of others) trusted = await verify(trusted, unverified(answer), options);
    expect(trusted.header.height).toBe(5);
    expect(unixMs(trusted.header.time)).toBeGreaterThan(unixMs(time));
    await expect(chain.lightBlock(1_000_000)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('proves a transaction and its result under the headers around it', async () => {
    const { height, txId } = await transfer();
    await untilHeight(local.chain, height + 1);
    const proof = await local.chain.proveTx(txId);
    expect(proof).toMatchObject({ height, result: { code: 0 } });
    expect(txIdOf(proof.tx)).toEqual(txId);
    const [block, next] = [headerOf(await local.chain.lightBlock(height)), headerOf(await local.chain.lightBlock(height + 1))];
    const { index, total, txPath, result, resultPath } = proof;
    verifyMerklePath(block.dataHash, txId, index, total, txPath);
    verifyMerklePath(next.lastResultsHash, DeterministicTxResult.encode(result), index, total, resultPath);
    await expect(local.chain.proveTx(new Uint8Array(32))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('has room in a block for many, though each allows as much gas as a block has', async () => {
    const { chain } = local;
    const txs = await Promise.all(Array.from({ length: 20 }, (_, i) => transferTx(genesis, nonce + i, 0, 100_000_000)));
    nonce += txs.length;
    const waiting = [];
    for (const tx of txs) waiting.push(await chain.add(tx));
    const heights = await Promise.all(waiting.map(async ({ txId }) => (await chain.settled(txId)).height));
    expect(new Set(heights).size).toBeLessThan(10);
  });

  it('goes on after CometBFT was killed, and after both ended', async () => {
    const before = await transfer();
    const pid = local.chain.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    const after = await local.chain.submit(await transferTx(genesis, nonce++)).catch(async (error) => {
      expect(error).toMatchObject({ code: 'UNREACHABLE' });
      await untilHeight(local.chain, before.height + 3);
      return local.chain.submit(await transferTx(genesis, nonce - 1));
    });
    expect(after.height).toBeGreaterThan(before.height);
    expect(local.chain.pid).not.toBe(pid);
    expect(local.faults.map(({ message }) => message)).toEqual([expect.stringContaining('SIGKILL')]);

    await local.chain.close();
    local = await openChain(dir, genesis, { wrap: record.wrap, snapshotInterval: 5 });
    expect(local.chain.latest().height).toBeGreaterThanOrEqual(after.height);
    // what was executed in an earlier life is known from the index
    const again = await local.chain.result(before.txId);
    expect(again).toEqual(before);
    expect((await transfer()).code).toBe(0);
  });

  it('has hashes that the same blocks give on the embedded path', async () => {
    await untilHeight(local.chain, (await transfer()).height + 1);
    // a block that CometBFT handed over again after a crash is there twice
    const blocks = record.blocks.filter(({ height }, i) => record.blocks[i + 1]?.height !== height);
    const hashes = await replayed(genesis, blocks);
    expect(hashes.map(({ height }) => height)).toEqual(hashes.map((_, i) => i + 1));
    const last = local.chain.latest().height;
    for (const { height, ...own } of hashes.filter((block) => block.height < last)) {
      const { appHash, lastResultsHash } = headerOf(await local.chain.lightBlock(height + 1));
      expect({ appHash: toHex(appHash), lastResultsHash: toHex(lastResultsHash) }, `block ${height}`).toEqual(own);
    }
  });
});

describe.skipIf(missing)('what cannot run says why', () => {
  const open = (dir: string, genesis: Genesis, options: Parameters<typeof openChain>[2] = {}) =>
    openChain(dir, genesis, options).then(
      ({ chain }) => chain.close(),
      (error) => {
        throw error;
      },
    );

  it('no program, and another one', async () => {
    const dir = temporaryFolder('comet');
    await expect(open(dir, genesisOf(), { program: join(dir, 'none') })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('go install'),
    });
    const other = join(dir, 'other');
    writeFileSync(other, '#!/bin/sh\necho 1.0.1\n');
    chmodSync(other, 0o755);
    await expect(open(dir, genesisOf(), { program: other })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('"1.0.1"'),
    });
    await expect(open(dir, genesisOf(), { program: process.execPath })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('an address that is taken', async () => {
    const port = await freePort();
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    const settings = { p2p: { host: '127.0.0.1', port }, peers: [], blockIntervalMs: 200 };
    await expect(open(temporaryFolder('comet'), genesisOf(), { settings })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining(String(port)),
    });
    taken.close();
  });

  it('a home of another chain, of another validator, and one that lost what was signed', async () => {
    const dir = temporaryFolder('comet');
    const genesis = genesisOf();
    await open(dir, genesis);
    await expect(open(dir, genesisOf({ name: 'another' }))).rejects.toMatchObject({ code: 'WRONG_CHAIN' });
    await expect(open(dir, genesis, { validatorSecret: secretOf('v1') })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const signed = join(dir, 'cometbft', 'data', 'priv_validator_state.json');
    rmSync(signed);
    await expect(open(dir, genesis)).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining(signed) });
  });

  it('a CometBFT whose application was lost', async () => {
    const dir = temporaryFolder('comet');
    const genesis = genesisOf();
    await open(dir, genesis);
    rmSync(join(dir, 'cometbft', 'data'), { recursive: true });
    await expect(open(dir, genesis)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});
