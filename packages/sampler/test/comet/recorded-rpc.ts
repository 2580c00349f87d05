/** A server that answers JSON-RPC as a CometBFT node has answered (`tests/vectors/cometbft-rpc.json`). */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fromHex } from '@perigee/wire';
import recording from '../../../../tests/vectors/cometbft-rpc.json' with { type: 'json' };

export const CHAIN = recording.chainId;
export const LAST = recording.heights;
export const TXS = recording.txs.map(({ hash, height }) => ({ hash: fromHex(hash), height }));

/** Milliseconds since 1970 of a moment after the last recorded block. */
export const RECORDED_AT_MS = Date.parse(headerJson(LAST).time) + 500;

export interface RecordedRpc {
  readonly url: string;
  /** Methods in the order of the requests, with the height where one was named. */
  readonly asked: string[];
  /** Evidence that was handed in. */
  readonly evidence: unknown[];
  close(): Promise<void>;
}

type Answer = (method: string, params: Record<string, unknown>, response: ServerResponse) => unknown;

/** @param other answers instead of the recording, where it gives something; it may end the response itself, and gives `null` then */
export async function startRecordedRpc(other: Answer = () => undefined): Promise<RecordedRpc> {
  const asked: string[] = [];
  const evidence: unknown[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
      id: number;
      method: string;
      params: Record<string, unknown>;
    };
    asked.push(params.height === undefined ? method : `${method} ${String(params.height)}`);
    if (method === 'broadcast_evidence') evidence.push(params.evidence);
    const given = other(method, params, response);
    if (given === null) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...(given ?? recorded(method, params)) }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    evidence,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What the node has answered; for what it was not asked, the words of CometBFT. */
function recorded(method: string, params: Record<string, unknown>): { result: unknown } | { error: unknown } {
  if (method === 'broadcast_evidence') return { result: { hash: '' } };
  const all = params.height === undefined && method === 'commit' ? { height: String(LAST) } : params;
  const found = recording.answers.find((one) => one.method === method && sameParams(one.params, all));
  if (found !== undefined) return { result: found.result };
  const height = Number(all.height ?? 0);
  if (method === 'tx') return refused(`tx (${String(params.hash)}) not found`);
  return refused(
    height > LAST
      ? `height ${height} must be less than or equal to the current blockchain height ${LAST}`
      : `height ${height} is not available, lowest height is 1`,
  );
}

function refused(data: string): { error: unknown } {
  return { error: { code: -32603, message: 'Internal error', data } };
}

function sameParams(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of known shape
function headerJson(height: number): any {
  return recordedResult('commit', height).signed_header.header;
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of known shape
export function recordedResult(method: string, height: number): any {
  return recording.answers.find((one) => one.method === method && one.params.height === String(height))?.result;
}

/** What the node says of the first recorded transaction. */
export function recordedTx(): object {
  return recording.answers.find(({ method }) => method === 'tx')?.result ?? {};
}

/** Hash of the header of a height, as the recorded commits name it. */
export function hashOf(height: number): Uint8Array {
  return fromHex(recordedResult('commit', height).signed_header.commit.block_id.hash);
}
