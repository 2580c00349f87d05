import { readFileSync } from 'node:fs';
import { headerHash } from '@perigee/light-core/comet';
import { FLOW_ADDRESS, FLOW_KEY, MARKET_ADDRESS, STORAGE_POOL, STORE, SYSTEM_ADDRESS } from '@perigee/light-core/state';
import { dataRootOf, nobleFileHash, sectorsOf, submissionIdentity } from '@perigee/light-core/storage';
import { FlowRecord, fromHex, MAX_LOG_BLOCKS, toHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from 'vitest';
import { randomOf } from '../../../../tests/kit/index.ts';
import { createEvmHandler } from '../../src/zerog/evm/index.ts';
import { RpcError } from '../../src/zerog/rpc-error.ts';
import { sampleOf } from '../files.ts';
import { BALANCE, CHAIN_ID, EvmDevnet, GAS_PRICE, type Json, PARAMS, PRICE, SENDER, signed } from './devnet.ts';

const FLOW = `0x${toHex(FLOW_ADDRESS)}`;
const MARKET = `0x${toHex(MARKET_ADDRESS)}`;
const SUBMIT_TOPIC = '0x167ce04d2aa1981994d3a31695da0d785373335b1078cec239a1a3a2c7675555';
const stored: {
  readonly submissions: readonly { length: number; tags: string; nodes: { root: string; height: number }[] }[];
  readonly calls: readonly (readonly [without: string, withSubmitter: string])[];
} = JSON.parse(readFileSync(new URL('../../../../tests/vectors/storage-calls.json', import.meta.url), 'utf8'));
const files = stored.submissions.map(({ length, tags, nodes }) => ({
  length,
  tags: fromHex(tags),
  nodes: nodes.map(({ root, height }) => ({ root: fromHex(root), height })),
}));
/** Of the first one without tags. */
const plain = files.findIndex(({ tags }) => tags.length === 0);
const [submitOld = '', submitNew = ''] = stored.calls[plain] ?? [];
const file = files[plain] ?? { length: 0, tags: new Uint8Array(0), nodes: [] };
const price = BigInt(sectorsOf(file.nodes)) * PRICE;
const word = (value: number | bigint | string) => BigInt(value).toString(16).padStart(64, '0');
const words = (data: unknown) => String(data).slice(2).match(/.{64}/g) ?? [];

let net: EvmDevnet;
beforeAll(async () => {
  net = await EvmDevnet.start();
});
afterAll(() => net.chain.close());

describe('the chain as Ethereum clients see it', () => {
  it('has the chain id and the prices of genesis', async () => {
    expect(await net.call('eth_chainId')).toBe(`0x${CHAIN_ID.toString(16)}`);
    expect(await net.call('net_version')).toBe(String(CHAIN_ID));
    expect(await net.call('eth_gasPrice')).toBe('0x7');
    expect(await net.call('eth_maxPriorityFeePerGas')).toBe('0x0');
    expect(await net.call('eth_syncing')).toBe(false);
    expect(await net.call('web3_clientVersion')).toBe('Perigee/test');
  });

  it('has blocks whose hashes are those of the headers, with every field that clients ask for', async () => {
    const block = await net.call('eth_getBlockByNumber', '0x2', false);
    const { header } = await net.chain.block(2);
    expect(block).toMatchObject({
      number: '0x2',
      hash: `0x${toHex(headerHash(header))}`,
      parentHash: `0x${toHex(header.lastBlockId.hash)}`,
      baseFeePerGas: '0x7',
      transactions: [],
      gasUsed: '0x0',
    });
    const names =
      'mixHash sha3Uncles logsBloom transactionsRoot stateRoot receiptsRoot uncles totalDifficulty size difficulty nonce miner';
    for (const name of [...names.split(' '), 'extraData', 'gasLimit', 'timestamp']) expect(block[name]).toBeDefined();
    expect(await net.call('eth_getBlockByHash', block.hash, true)).toEqual(block);
    const first = await net.call('eth_getBlockByNumber', 'earliest', true);
    expect(first).toMatchObject({ number: '0x1', parentHash: `0x${'00'.repeat(32)}` });
    for (const tag of ['latest', 'safe', 'finalized'])
      expect(await net.call('eth_getBlockByNumber', tag, false)).toHaveProperty('hash');
    const pending = await net.call('eth_getBlockByNumber', 'pending', false);
    expect(pending).toMatchObject({ hash: null, nonce: null });
    expect(await net.call('eth_getBlockByNumber', '0xffffff', false)).toBeNull();
    expect(await net.call('eth_getBlockByHash', `0x${'11'.repeat(32)}`, false)).toBeNull();
  });

  it('has something where clients look for contracts, and nothing elsewhere', async () => {
    for (const address of [FLOW, MARKET, `0x${toHex(SYSTEM_ADDRESS)}`])
      expect(await net.call('eth_getCode', address, 'latest')).toBe('0xfe');
    expect(await net.call('eth_getCode', SENDER, 'latest')).toBe('0x');
  });

  it('tells what gas cost', async () => {
    const history = await net.call('eth_feeHistory', '0x2', 'latest', [10, 90]);
    expect(history).toMatchObject({
      baseFeePerGas: ['0x7', '0x7', '0x7'],
      reward: [
        ['0x0', '0x0'],
        ['0x0', '0x0'],
      ],
    });
    expect(history.gasUsedRatio).toHaveLength(2);
  });
});

describe('a submission in either shape', () => {
  let first: Json;

  it('is estimated, sent, and has a receipt whose gas and price are exactly what was paid', async () => {
    const before = await net.balance();
    const asked = { from: SENDER, to: FLOW, data: submitNew, value: `0x${price.toString(16)}` };
    const gas = BigInt(await net.call<string>('eth_estimateGas', asked));
    const fields = { to: FLOW, data: submitNew, value: price, gasLimit: gas, maxPriorityFeePerGas: 3n };
    const raw = signed({ ...fields, nonce: 0n });
    const hash = await net.send(fields);
    expect(hash).toBe(`0x${toHex(nobleFileHash.keccak256(fromHex(raw)))}`);
    first = await net.receipt(hash);
    expect(first).toMatchObject({
      transactionHash: hash,
      status: '0x1',
      from: SENDER,
      to: FLOW,
      type: '0x2',
      contractAddress: null,
    });
    const [used, paid] = [BigInt(String(first.gasUsed)), BigInt(String(first.effectiveGasPrice))];
    expect(paid).toBe(GAS_PRICE + 3n);
    expect(used <= gas && gas - used < 1_000n).toBe(true);
    expect(before - (await net.balance())).toBe(price + used * paid);
    const block = await net.call('eth_getBlockByNumber', first.blockNumber, true);
    expect(block).toMatchObject({ hash: first.blockHash, gasUsed: first.gasUsed, logsBloom: first.logsBloom });
    const tx = await net.call('eth_getTransactionByHash', hash);
    expect(block.transactions).toEqual([tx]);
    expect(tx).toMatchObject({
      hash,
      from: SENDER,
      input: submitNew,
      value: asked.value,
      nonce: '0x0',
      blockHash: first.blockHash,
    });
    expect((await net.call('eth_getBlockByNumber', first.blockNumber, false)).transactions).toEqual([hash]);
  });

  it('has the log of the contract', async () => {
    const [log] = first.logs as Json[];
    expect(log).toMatchObject({
      address: FLOW,
      blockHash: first.blockHash,
      transactionHash: first.transactionHash,
      logIndex: '0x0',
      removed: false,
      topics: [
        SUBMIT_TOPIC,
        `0x${'00'.repeat(12)}${SENDER.slice(2)}`,
        `0x${toHex(submissionIdentity(file.nodes, nobleFileHash))}`,
      ],
    });
    const data = words(log?.data);
    expect(data.slice(0, 3).map((one) => Number(`0x${one}`))).toEqual([0, expect.any(Number), sectorsOf(file.nodes)]);
    // the submission stands in the log as it stood in the call, of which it is the end
    expect(submitOld.endsWith(data.slice(4).join(''))).toBe(true);
    const bit = (item: string): boolean => {
      const hash = nobleFileHash.keccak256(fromHex(item));
      const bloom = BigInt(String(first.logsBloom));
      return [0, 2, 4].every((i) => (bloom >> BigInt((((hash[i] ?? 0) << 8) | (hash[i + 1] ?? 0)) & 2047)) & 1n);
    };
    expect([FLOW, SUBMIT_TOPIC].map(bit)).toEqual([true, true]);
    expect(bit(`0x${'77'.repeat(32)}`)).toBe(false);
  });

  it('of a file that is there returns the old number, and takes nothing but the gas', async () => {
    const before = await net.balance();
    const again = await net.receipt(
      await net.send({ to: FLOW, data: submitOld, value: 5n * price, type: 'legacy', maxFeePerGas: 9n }),
    );
    expect(again).toMatchObject({ status: '0x1', type: '0x0', effectiveGasPrice: '0x9' });
    const [log] = again.logs as Json[];
    expect(words(log?.data)[0]).toBe(word(0));
    expect(before - (await net.balance())).toBe(BigInt(String(again.gasUsed)) * 9n);
    const tx = await net.call('eth_getTransactionByHash', again.transactionHash);
    expect([BigInt(35 + 2 * CHAIN_ID), BigInt(36 + 2 * CHAIN_ID)]).toContain(BigInt(String(tx.v)));
  });

  it('pays no more than the price, and less is refused as the contract does', async () => {
    const sectors = files.reduce((sum, { nodes }) => sum + sectorsOf(nodes), 0);
    const [, batch = ''] = stored.calls.at(-1) ?? [];
    const before = await net.balance();
    const value = BigInt(sectors) * PRICE + 12_345n;
    const receipt = await net.receipt(await net.send({ to: FLOW, data: batch, value, gasLimit: 400_000n }));
    expect(receipt).toMatchObject({ status: '0x1' });
    expect(receipt.logs).toHaveLength(files.length);
    const paid = before - (await net.balance()) - BigInt(String(receipt.gasUsed)) * BigInt(String(receipt.effectiveGasPrice));
    expect(paid).toBe(BigInt(sectors) * PRICE - price); // one of them was there
    const flow = FlowRecord.decode(net.chain.valueAt(STORE.storage, FLOW_KEY) ?? new Uint8Array(0));
    expect(BigInt(await net.call<string>('eth_getBalance', `0x${toHex(STORAGE_POOL)}`, 'latest'))).toBe(flow.pool);
    const { nodes } = sampleOf(300).tree;
    const root = toHex(nodes[0]?.root ?? new Uint8Array(0));
    const submit = `0xef3e12dc${[32, 300, 96, 128, 0, 1].map(word).join('')}${root}${word(1)}`;
    const asked = { from: SENDER, to: FLOW, data: submit, value: '0x2f' };
    for (const method of ['eth_estimateGas', 'eth_call']) {
      expect(await net.refusal(method, asked, 'latest')).toMatchObject({
        code: 3,
        message: expect.stringContaining('execution reverted: NotEnoughFee(24, 2, 47)'),
        data: `0xf85c6482${[24, 2, 47].map(word).join('')}`,
      });
    }
    expect(await net.refusal('eth_sendRawTransaction', signed({ to: FLOW, data: submit, value: 47n, nonce: 3n }))).toMatchObject({
      code: -32_000,
      message: expect.stringContaining('48'),
    });
    expect(words(await net.call('eth_call', { ...asked, value: '0x30' }, 'latest')).map((one) => BigInt(`0x${one}`))).toEqual([
      BigInt(flow.submissions),
      BigInt(`0x${toHex(submissionIdentity(nodes, nobleFileHash))}`),
      expect.any(BigInt),
      2n,
    ]);
    expect(await net.refusal('eth_call', { to: FLOW, data: submit.replace(word(300), word(513)), value: '0x30' })).toMatchObject({
      data: '0xf956cee4',
    });
  });

  it('is in the answers of both contracts', async () => {
    const ask = (to: string, selector: string, argument = '') =>
      net.call<string>('eth_call', { to, data: `0x${selector}${argument}` }, 'latest');
    const flow = FlowRecord.decode(net.chain.valueAt(STORE.storage, FLOW_KEY) ?? new Uint8Array(0));
    expect(await ask(FLOW, '80f55605')).toBe(`0x${'00'.repeat(12)}${MARKET.slice(2)}`);
    expect(await ask(MARKET, '61ec5082')).toBe(`0x${word(PRICE)}`);
    for (const selector of ['b8a409ac', '77e19824']) expect(await ask(FLOW, selector)).toBe(`0x${word(flow.submissions)}`);
    expect(words(await ask(FLOW, 'fd54b228'))[0]).toBe(word(flow.length));
    const last = flow.submissions - 1;
    expect(await ask(FLOW, '6d7ad0fc', word(last))).toBe(`0x${toHex(flow.root)}`);
    expect(await ask(FLOW, '6d7ad0fc', word(last + 1))).toBe(`0x${word(0)}`);
    for (const selector of ['127f0f07', 'b464b53e']) {
      expect(words(await ask(FLOW, selector)).slice(2, 4)).toEqual([toHex(flow.root), word(flow.length)]);
    }
    // as it was after the first submission
    const then = await net.call<string>('eth_call', { to: FLOW, data: '0x77e19824' }, first.blockNumber);
    expect(then).toBe(`0x${word(1)}`);
    expect(await net.call('eth_call', { to: FLOW, data: '0x77e19824' }, { blockHash: first.blockHash })).toBe(then);
    expect(await net.refusal('eth_call', { to: FLOW, data: '0x12345678' })).toMatchObject({ code: 3 });
    expect(await net.call('eth_call', { to: SENDER, data: '0x12345678' })).toBe('0x');
  });

  it('is found by its log in a range, by a block and by its topics', async () => {
    const { submissions } = FlowRecord.decode(net.chain.valueAt(STORE.storage, FLOW_KEY) ?? new Uint8Array(0));
    const all = await net.call<Json[]>('eth_getLogs', { fromBlock: '0x1', toBlock: 'latest', address: FLOW });
    expect(all).toHaveLength(submissions + 2); // two were there when they came again
    expect(new Set(all.map(({ data }) => words(data)[0])).size).toBe(submissions);
    const own = {
      topics: [[SUBMIT_TOPIC, `0x${'11'.repeat(32)}`], null, `0x${toHex(submissionIdentity(file.nodes, nobleFileHash))}`],
    };
    expect(await net.call<Json[]>('eth_getLogs', { fromBlock: 'earliest', ...own })).toHaveLength(3);
    expect(await net.call('eth_getLogs', { blockHash: first.blockHash })).toEqual(first.logs);
    expect(await net.call('eth_getLogs', { fromBlock: '0x1', topics: [`0x${'11'.repeat(32)}`] })).toEqual([]);
    expect(await net.call('eth_getLogs', { fromBlock: '0x1', address: [SENDER, MARKET] })).toEqual([]);
    expect(await net.refusal('eth_getLogs', { fromBlock: '0x3', toBlock: '0x2' })).toMatchObject({ code: -32_602 });
    expect(await net.refusal('eth_getLogs', { blockHash: first.blockHash, toBlock: '0x2' })).toMatchObject({ code: -32_602 });
    expect(await net.refusal('eth_getLogs', { blockHash: `0x${'11'.repeat(32)}` })).toMatchObject({ message: 'unknown block' });
  });

  it('of another scheme is shown too: every number has its log', async () => {
    const { tree } = sampleOf(2_000);
    const submit = { storageSubmit: { length: 2_000, nodes: tree.nodes, tags: new Uint8Array(0), value: 8n * PRICE } };
    const { txId, height } = await net.native(0, [submit]);
    const receipt = await net.call('eth_getTransactionReceipt', txId);
    expect(receipt).toMatchObject({ transactionHash: txId, to: FLOW, status: '0x1', type: '0x0' });
    expect(receipt.logs).toHaveLength(1);
    const block = await net.call('eth_getBlockByNumber', `0x${height.toString(16)}`, true);
    expect(block.transactions).toMatchObject([{ hash: txId, value: `0x${(8n * PRICE).toString(16)}` }]);
    expect(toHex(dataRootOf(tree.nodes, nobleFileHash))).toHaveLength(64);
  });

  it('is there after a restart', async () => {
    const { genesis } = net.chain;
    await net.chain.close();
    net = await EvmDevnet.start(net.dir, genesis);
    expect(await net.call('eth_getTransactionReceipt', first.transactionHash)).toEqual(first);
    expect(await net.call('eth_getBlockByHash', first.blockHash, false)).toMatchObject({ transactions: [first.transactionHash] });
  });
});

describe('what is refused', () => {
  const transfer = (change: Partial<Parameters<typeof signed>[0]> = {}) =>
    signed({ to: `0x${'11'.repeat(20)}`, value: 1n, ...change });
  const send = (raw: string) => net.refusal('eth_sendRawTransaction', raw);

  it('is said in the words that clients look for', async () => {
    const next = BigInt(await net.call<string>('eth_getTransactionCount', SENDER, 'latest'));
    const own = transfer({ nonce: next });
    await net.call('eth_sendRawTransaction', own);
    expect(await net.call('eth_getTransactionCount', SENDER, 'pending')).toBe(`0x${(next + 1n).toString(16)}`);
    const hash = `0x${toHex(nobleFileHash.keccak256(fromHex(own)))}`;
    const says = async (raw: string, text: string) =>
      expect(await send(raw)).toMatchObject({ code: -32_000, message: expect.stringContaining(text) });
    await says(own, 'already known');
    await says(transfer({ nonce: next, value: 2n }), 'replacement transaction underpriced');
    await says(transfer({ nonce: next + 2n }), 'nonce too high');
    await net.receipt(hash);
    await says(own, 'nonce too low');
    await says(transfer({ nonce: 0n, value: 5n }), 'nonce too low');
    await says(transfer({ nonce: next + 1n, value: BALANCE }), 'insufficient funds for gas * price + value');
    await says(transfer({ nonce: next + 1n, gasLimit: 2_000n }), 'intrinsic gas too low');
    await says(transfer({ nonce: next + 1n, maxFeePerGas: 6n }), 'max fee per gas less than block base fee');
    await says(transfer({ chainId: 1 }), `invalid chain id for signer: have 1 want ${CHAIN_ID}`);
    await says('0x01c0', 'transaction type not supported');
    await says('0x', 'transaction type not supported');
    await says('0x02c0', 'invalid transaction');
    await says(transfer({ data: '0x12345678' }), 'no contract');
    expect(
      await net.refusal('eth_estimateGas', { from: SENDER, to: `0x${'11'.repeat(20)}`, value: `0x${BALANCE.toString(16)}` }),
    ).toMatchObject({
      message: expect.stringMatching(/^insufficient funds/),
    });
    expect(await net.refusal('eth_estimateGas', { from: SENDER, data: '0x60' })).toMatchObject({ code: 3 });
  });

  it('is a range of more blocks than one answer looks through, before any is read', async () => {
    const { header, headerHash: hash } = net.chain.latest();
    const far = { height: 10_000_000, headerHash: hash, header };
    const chain = new Proxy(net.chain, { get: (own, name) => (name === 'latest' ? () => far : Reflect.get(own, name, own)) });
    const { call } = createEvmHandler({ chain, params: PARAMS, clientVersion: '' });
    const logs = (blocks: number) =>
      call('eth_getLogs', [{ fromBlock: '0x1', toBlock: `0x${blocks.toString(16)}`, address: MARKET }]);
    expect(await logs(MAX_LOG_BLOCKS)).toEqual([]);
    await expect(logs(MAX_LOG_BLOCKS + 1)).rejects.toMatchObject({
      code: -32_005,
      message: expect.stringContaining('block range is too large'),
    });
  });

  it('is every method that is not there, and every parameter that makes no sense, without harm', async () => {
    expect(await net.refusal('eth_sendTransaction', {})).toMatchObject({ code: -32_601 });
    for (const method of ['constructor', 'toString', '__proto__']) expect(net.handler.handles(method)).toBe(false);
    const random = randomOf(onTestFailed);
    const methods =
      'getBlockByNumber getBlockByHash getTransactionCount getBalance getCode call estimateGas sendRawTransaction getTransactionByHash';
    const all = [...methods.split(' '), 'getTransactionReceipt', 'getLogs', 'feeHistory'].map((name) => `eth_${name}`);
    const values = [
      undefined,
      null,
      0,
      -1,
      1.5,
      2 ** 60,
      '',
      '0x',
      '0x0',
      `0x${'f'.repeat(64)}`,
      'latest',
      SENDER,
      {},
      [],
      true,
      '💥',
    ];
    const nested = [
      { to: SENDER, data: 7 },
      { fromBlock: {} },
      { topics: [[[]]] },
      { blockHash: 1 },
      { to: FLOW, data: '0xef3e12dc' },
    ];
    for (let i = 0; i < 600; i++) {
      const params = Array.from({ length: random.below(4) }, () => random.pick([...values, ...nested]));
      const outcome = await net.handler
        .call(random.pick(all), random.chance(0.1) ? random.pick(values) : params)
        .catch((error) => error);
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(RpcError);
        expect(outcome).not.toMatchObject({ code: -32_603 });
      }
    }
  });
});
