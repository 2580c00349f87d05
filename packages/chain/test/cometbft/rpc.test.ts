import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
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
