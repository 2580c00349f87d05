import { systemClock } from '@perigee/net';
import { createLightNode, type LightNode } from '@perigee/sampler';
import { createFilePool } from '@perigee/sampler/files';
import { utf8 } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/index.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import { lightChecks, lightFigures } from '../src/health/light-health.ts';
import { createMonitor } from '../src/health/monitor.ts';
import { type LightServer, startLightServer } from '../src/serve/light-server.ts';
import { servingOf } from '../src/serve/serve-node.ts';

const STREAM = 'f2'.repeat(32);
const TOKEN = 'a'.repeat(64);
const ORIGIN = 'https://app.example';
/** A code by its name, and words. */
const refusal = { code: expect.stringMatching(/^[A-Z_]+$/), message: expect.stringMatching(/\w \w/) };

let network: LocalNetwork;
let node: LightNode;
let server: LightServer;
let blob: { readonly key: string; readonly data: Uint8Array };
const pool = createFilePool(1);

const write = (key: string, value: string) => ({ stream: new Uint8Array(32).fill(0xf2), key: utf8(key), value: utf8(value) });

beforeAll(async () => {
  network = await startLocalNetwork({ blockMs: 300, genesis: { storage: { pricePerSector: 1n }, kv: { depositPerByte: 1n } } });
  const data = new Uint8Array(20_000).map((_, i) => i);
  blob = { key: (await network.publish(data)).key, data };
  await network.writeStreams(['a', 'b', 'b/c'].map((name) => write(name, `value ${name}`)));
  node = createLightNode({ trustRoot: network.trustRoot(), follow: false, workers: 1 });
  await node.start();
  const files = { state: node.chain, storage: node.storage, pool, clock: systemClock };
  const common = { host: '127.0.0.1', port: 0, token: TOKEN, origins: [ORIGIN] };
  const monitor = createMonitor(lightFigures(node, systemClock.now), lightChecks(node));
  const parts = { node, files, folder: temporaryFolder('serve'), monitor, onFault: console.error };
  server = await startLightServer({ ...common, ...parts });
});
afterAll(async () => {
  await server.close();
  await node.stop();
  await pool.close();
  await network.stop();
});

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, { ...init, headers: { Authorization: `Bearer ${TOKEN}`, ...init.headers } });
}

async function rpc(method: string, ...params: unknown[]): Promise<{ readonly result?: unknown; readonly error?: unknown }> {
  const response = await ask('/', { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
  return (await response.json()) as { result?: unknown; error?: unknown };
}

describe('a light node that serves', () => {
  it('values, as JSON or as bytes, absences and ranges', async () => {
    const value = await (await ask(`/kv/${STREAM}/a`)).json();
    expect(value).toMatchObject({ text: 'value a', version: 0, source: 'network' });
    const raw = await ask(`/kv/${STREAM}/b%2Fc?within=60`, { headers: { Accept: 'application/octet-stream' } });
    expect([await raw.text(), raw.headers.get('perigee-version')]).toEqual(['value b/c', '0']);
    const cached = await (await ask(`/kv/${STREAM}/0x61?policy=cached`)).json();
    expect(cached).toMatchObject({ text: 'value a', source: 'memory' });
    const { height } = value as { height: number };
    const before = await (await ask(`/kv/${STREAM}/a?height=${height}`)).json();
    expect(before).toMatchObject({ text: 'value a', height });
    expect((await ask(`/kv/${STREAM}/a?height=${height}&policy=latest`)).status).toBe(400);
    const missing = await ask(`/kv/${STREAM}/none`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' }, deleted: false }]);
    const range = (await (await ask(`/kv/${STREAM}?prefix=b&reverse=1`)).json()) as { entries: { keyText: string }[] };
    expect(range).toMatchObject({ complete: true });
    expect(range.entries.map(({ keyText }) => keyText)).toEqual(['b/c', 'b']);
  });

  it('changes as they come', async () => {
    const stop = new AbortController();
    const response = await ask(`/kv/${STREAM}?watch=1&prefix=w`, { signal: stop.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    const until = async (words: string): Promise<void> => {
      while (!text.includes(words)) text += new TextDecoder().decode((await reader.read()).value);
    };
    await until('watching');
    // the subscription begins a moment later
    for (let i = 0; !text.includes('"keyText":"w1"'); i++) {
      await network.writeStreams([write('w1', `${i}`)]);
      await Promise.race([until('"keyText":"w1"'), systemClock.sleep(500)]);
    }
    stop.abort();
  });

  it('whole blobs', async () => {
    const response = await ask(`/blob/${blob.key}`);
    expect(response.headers.get('content-length')).toBe('20000');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(blob.data);
    // absence is said under a current head alone, and a busy machine may have none for a while
    await expect.poll(async () => (await ask(`/blob/${'17'.repeat(32)}`)).status).toBe(404);
  });

  it('JSON-RPC', async () => {
    expect(await rpc('perigee_status')).toMatchObject({ result: { chain: { development: true }, freshness: 'current' } });
    expect(await rpc('perigee_kvGet', STREAM, 'a')).toMatchObject({ result: { text: 'value a' } });
    expect(await rpc('perigee_kvGetMany', STREAM, ['a', 'none'])).toMatchObject({
      result: [{ text: 'value a' }, { deleted: false }],
    });
    expect(await rpc('perigee_kvRange', STREAM, { limit: 1 })).toMatchObject({
      result: { entries: [{ keyText: 'a' }], complete: false },
    });
    expect(await rpc('perigee_sample', blob.key)).toMatchObject({ result: { verified: 20 } });
    expect(await rpc('perigee_listBlobs')).toMatchObject({ result: [{ blobIds: [blob.key] }] });
    expect(await rpc('perigee_kvGet', STREAM, 'a', { height: 2 })).toMatchObject({ result: { deleted: false, height: 2 } });
    expect(await rpc('perigee_kvGet', STREAM)).toMatchObject({ error: { code: -32_602 } });
    expect(await rpc('perigee_kvGet', STREAM, 'a', { policy: 'whatever' })).toMatchObject({ error: { code: -32_602 } });
    expect(await rpc('perigee_kvGet', STREAM, 'a', 7)).toMatchObject({ error: { code: -32_602 } });
    await expect
      .poll(() => rpc('perigee_sample', `00${'17'.repeat(32)}`))
      .toMatchObject({ error: { data: { code: 'NOT_FOUND' } } });
    expect(await rpc('__proto__')).toMatchObject({ error: { code: -32_601 } });
  });

  it('its health and its figures, to who knows no token', async () => {
    const health = await fetch(`${server.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'ok', checks: { chain: 'ok', store: 'ok', clock: 'ok' } },
    ]);
    const metrics = await fetch(`${server.url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    const text = await metrics.text();
    expect(text).toMatch(/^perigee_head_height [1-9]/m);
    expect(text).toMatch(/^perigee_throttled\{budget="cpuShare"\} 0$/m);
    expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(401);
    expect(
      (await fetch(`${server.url}/metrics`, { headers: { Origin: ORIGIN } })).headers.get('access-control-allow-origin'),
    ).toBe(ORIGIN);
  });

  it.each([
    ['/kv/xyz/a', 400],
    [`/kv/${STREAM}/${'k'.repeat(1_025)}`, 400],
    [`/kv/${STREAM}/a?within=-1`, 400],
    [`/kv/${STREAM}/a?policy=cached&within=1`, 400],
    [`/kv/${STREAM}?limit=257`, 400],
    [`/kv/${STREAM}?limit=1e3`, 400],
    [`/kv/${STREAM}/a/b`, 404],
    ['/kv/%', 400],
    ['/file/ab', 400],
    [`/file/${'17'.repeat(32)}`, 404],
    ['/blob/ab', 400],
    ['/constructor', 404],
    ['/', 405],
  ])('refuses %s with %d', async (path, status) => {
    const response = await ask(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: refusal });
  });

  it('says every error in one shape, whichever part of it refuses', async () => {
    const bodies = [
      ask('/', { headers: { Authorization: '' } }),
      ask('/elsewhere'),
      ask('/kv/xyz/a'),
      ask(`/kv/${STREAM}/a`, { method: 'PUT' }),
      ask(`/${'a'.repeat(9_000)}`),
    ].map(async (response) => (await response).json());
    const codes = (await Promise.all(bodies)).map((body) => (body as { error: { code: string } }).error.code);
    expect(await Promise.all(bodies)).toEqual(bodies.map(() => ({ error: refusal })));
    expect(codes).toEqual(['REFUSED', 'NOT_FOUND', 'INVALID_ARGUMENT', 'UNSUPPORTED', 'FRAME_TOO_LARGE']);
    const said = async (body: string) => (await ask('/', { method: 'POST', body })).json();
    const call = (method: string, params: unknown = []) => said(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    for (const [answer, code, name] of [
      [await said('{'), -32_700, 'PARSE'],
      [await said('[]'), -32_600, 'INVALID_ARGUMENT'],
      [await call('none'), -32_601, 'UNSUPPORTED'],
      [await call('perigee_kvGet', {}), -32_602, 'INVALID_ARGUMENT'],
      [await call('perigee_kvGet', [STREAM, 7]), -32_602, 'INVALID_ARGUMENT'],
    ] as const) {
      expect(answer).toMatchObject({ error: { code, message: refusal.message, data: { code: name } } });
    }
  });

  it('only to who knows the token, by its own name, and of pages to those of the origins that were named', async () => {
    for (const Authorization of ['', `Bearer ${'b'.repeat(64)}`, `Basic ${TOKEN}`]) {
      const response = await ask(`/kv/${STREAM}/a`, { headers: { Authorization } });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    const named = async (Origin: string, method = 'GET') => {
      const response = await ask(`/kv/${STREAM}/a`, { method, headers: { Origin } });
      return response.headers.get('access-control-allow-origin');
    };
    expect(await named(ORIGIN)).toBe(ORIGIN);
    expect(await named(ORIGIN, 'OPTIONS')).toBe(ORIGIN);
    expect(await named('https://elsewhere.example')).toBeNull();
    expect((await ask(`/kv/${STREAM}/a`, { method: 'PUT' })).status).toBe(405);
  });
});

it('serves this machine alone', () => {
  expect(servingOf('127.0.0.1:8547', [ORIGIN])).toEqual({ host: '127.0.0.1', port: 8_547, origins: [ORIGIN] });
  expect(servingOf('[::1]:0', [])).toMatchObject({ host: '::1' });
  expect(servingOf(undefined, [])).toBeUndefined();
  for (const address of ['0.0.0.0:1', 'localhost:1', '127.0.0.1', '127.0.0.1:65536', '10.0.0.1:1', '127.0.0.1:-1']) {
    expect(() => servingOf(address, []), address).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  }
  expect(() => servingOf('127.0.0.1:1', ['example.org'])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  expect(() => servingOf(undefined, [ORIGIN])).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
