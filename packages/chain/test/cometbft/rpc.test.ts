import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { toBase64 } from '@perigee/wire';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { CometRpc } from '../../src/cometbft/rpc.ts';

/** How many signals Node holds because they were made of this one by `AbortSignal.any`. */
function dependants(signal: AbortSignal): number {
  const held = Object.getOwnPropertySymbols(signal).find(({ description }) => description === 'kDependantSignals');
  return held === undefined ? 0 : ((signal as unknown as Record<symbol, { size: number } | undefined>)[held]?.size ?? 0);
}

it('a call leaves nothing behind: there are several for each block and each transaction, as long as the node runs', async () => {
  const socket = join(temporaryFolder('rpc'), 'rpc.sock');
  const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { sync_info: { earliest_block_height: '7' } } });
  const server = createServer((_, response) => response.end(answer)).listen(socket);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const stopping = new AbortController();
  const rpc = new CometRpc(socket, stopping.signal);
  for (let i = 0; i < 20; i++) expect(await rpc.earliest()).toBe(7);
  expect(dependants(AbortSignal.any([stopping.signal]))).toBe(0);
  const [own, listeners] = [dependants(stopping.signal), getEventListeners(stopping.signal, 'abort').length];
  expect({ own, listeners }).toEqual({ own: 1, listeners: 0 }); // that of the line before
});

it('a call is given up when the node stops, and not begun any more', async () => {
  const socket = join(temporaryFolder('rpc'), 'rpc.sock');
  const server = createServer(() => {}).listen(socket);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const stopping = new AbortController();
  const rpc = new CometRpc(socket, stopping.signal);
  const waiting = rpc.earliest();
  stopping.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(rpc.earliest()).rejects.toMatchObject({ code: 'ABORTED' });
});

it('blocks and transactions are found as CometBFT tells of them', async () => {
  const socket = join(temporaryFolder('rpc'), 'rpc.sock');
  const known = toBase64(new Uint8Array(32).fill(7));
  const tx = { hash: '07', height: '12', index: 3, tx_result: {}, tx: '' };
  const answers: Record<string, (params: Record<string, unknown>) => unknown> = {
    block: ({ height }) => ({ block: height === '12' ? { data: { txs: ['AQI=', 'Aw=='] } } : null }),
    block_results: () => ({ txs_results: [{ code: 0, data: 'AQI=', gas_wanted: '5', gas_used: '4' }] }),
    // this one takes hexadecimal, where the others take base64
    header_by_hash: ({ hash }) => ({ header: hash === '0'.repeat(64) ? null : {} }),
    tx: ({ hash }) => (hash === known ? tx : undefined),
    tx_search: ({ query }) => ({ txs: query === "ethereum.hash='07'" ? [tx] : [], total_count: '1' }),
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const { method, params } = JSON.parse(body);
    const result = answers[method]?.(params);
    const error = { code: -32_603, message: 'Internal error', data: `tx (${params.hash}) not found` };
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, ...(result === undefined ? { error } : { result }) }));
  }).listen(socket);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const rpc = new CometRpc(socket, new AbortController().signal);
  expect(await rpc.txs(12)).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  await expect(rpc.txs(13)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await rpc.results(12)).toEqual([{ code: 0, data: Uint8Array.of(1, 2), gasWanted: 5, gasUsed: 4 }]);
  expect(await rpc.heightOf(new Uint8Array(32))).toBeUndefined();
  expect(await rpc.placeOf(new Uint8Array(32).fill(7))).toEqual({ height: 12, index: 3 });
  expect(await rpc.placeOf(new Uint8Array(32))).toBeUndefined();
  expect(await rpc.placeByEvent('ethereum.hash', '07')).toEqual({ height: 12, index: 3 });
  expect(await rpc.placeByEvent('ethereum.hash', '08')).toBeUndefined();
});
