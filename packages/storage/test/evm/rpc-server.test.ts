import { expect, it } from 'vitest';
import { withoutBlocks } from '../../src/zerog/evm/index.ts';
import { startRpcServer } from '../../src/zerog/index.ts';
import { ask, call, post } from '../zerog/client.ts';
import { CHAIN_ID, EvmDevnet } from './devnet.ts';

it('a node without stored files answers Ethereum’s clients over HTTP, one call and many, and nothing else', async () => {
  const net = await EvmDevnet.start();
  const { handles, call: answer } = net.handler;
  const methods = [
    {
      handles,
      call: (name: string, given: readonly unknown[], { signal }: { signal: AbortSignal }) => answer(name, given, signal),
    },
  ];
  const server = await startRpcServer({ listen: '127.0.0.1', port: 0, methods, onFault: () => {} });
  const url = `http://127.0.0.1:${server.port}`;
  try {
    expect(await ask(url, 'eth_chainId')).toBe(`0x${CHAIN_ID.toString(16)}`);
    const batch = ['eth_blockNumber', 'eth_gasPrice', 'zgs_getStatus'].map((method, id) => ({ jsonrpc: '2.0', id, method }));
    expect((await post(url, JSON.stringify(batch))).json).toEqual([
      { jsonrpc: '2.0', id: 0, result: expect.stringMatching(/^0x/) },
      { jsonrpc: '2.0', id: 1, result: '0x7' },
      { jsonrpc: '2.0', id: 2, error: expect.objectContaining({ code: -32_601 }) },
    ]);
    // what a call is refused with keeps its code, words and data
    expect(await call(url, 'eth_estimateGas', {})).toMatchObject({
      error: { code: 3, message: expect.stringContaining('execution reverted'), data: expect.stringMatching(/^0x08c379a0/) },
    });
    expect((await fetch(url)).status).toBe(405);
    expect((await fetch(`${url}/file?root=0x00`)).status).toBe(404);
  } finally {
    await server.stop();
    await net.chain.close();
  }
});

it('a node that only follows says its chain id, and who is to be asked for all else', async () => {
  const handler = withoutBlocks(CHAIN_ID);
  expect(await handler.call('eth_chainId', [])).toBe(`0x${CHAIN_ID.toString(16)}`);
  expect(await handler.call('net_version', [])).toBe(String(CHAIN_ID));
  const refusal = { code: -32_601, message: expect.stringMatching(/^the method eth_getLogs does not exist.*role chain/) };
  await expect(handler.call('eth_getLogs', [{}])).rejects.toMatchObject(refusal);
  expect(['eth_call', 'zgs_getStatus', 'eth_'].map(handler.handles)).toEqual([true, false, false]);
});
