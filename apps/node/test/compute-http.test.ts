/** A provider's own process, asked over HTTP as anyone asks: by the official client, and by those who mean it ill. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHost, type Host, open } from '@perigee/net';
import { inferenceProtocol } from '@perigee/net/inference';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../../scripts/lib/paths.mjs';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { residentOf } from '../../../tests/kit/memory.ts';
import { type Network, startNetwork } from '../../../tests/kit/network.ts';
import { runPerigee, startPerigee, type TestProcess } from '../../../tests/kit/process.ts';

const MIB = 2 ** 20;
const folder = temporaryFolder('compute-http');
const openai = at('tests/peers/openai');
const onnx = at('tests/peers/onnxruntime');
const isInstalled = (peer: string): boolean => existsSync(join(peer, 'node_modules'));
const chat = { model: 'perigee-1', messages: [{ role: 'user', content: 'What is a light node?' }], max_tokens: 24, seed: 7 };

let network: Network;
let provider: TestProcess;
let url: URL;
let address: string;

const compute = (home: string, ...words: string[]): string[] => [
  ...['node', '--role', 'compute', '--home', join(folder, home), '--chain', network.chain, '--compute-port', '0'],
  ...words,
];

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

beforeAll(async () => {
  network = await startNetwork({ nodes: 1, blockMs: 500, providers: 0 });
  provider = startPerigee(compute('provider', '--compute-free', '--model', 'perigee-1', '--model', 'embeddings-en'));
  const { compute: ready, multiaddrs } = (await provider.ready()) as {
    compute?: { url: string };
    multiaddrs?: readonly string[];
  };
  address = multiaddrs?.find((one) => /\/tcp\/\d+\/p2p\//.test(one)) ?? '';
  url = new URL(`${ready?.url}/`);
});

afterAll(async () => {
  // it has lived through all of this, and ends as it should
  expect(await provider.stop(), provider.output()).toEqual({ code: 0, signal: null });
  await network.stop();
});

describe.skipIf(!isInstalled(openai))('OpenAI’s client (npm ci in tests/peers/openai)', () => {
  it('lists models, embeds, and completes whole and streamed, unchanged', async () => {
    const words = [join(openai, 'ask.mjs'), url.href.slice(0, -1), 'perigee-1', 'embeddings-en'];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const { models, near, far, whole, streamed, usage, refusal } = JSON.parse(stdout);
    expect(models).toEqual(['perigee-1', 'embeddings-en']);
    expect(near).toBeGreaterThan(far);
    expect(whole.length).toBeGreaterThan(0);
    expect(streamed).toBe(whole);
    expect(usage.completion_tokens).toBeLessThanOrEqual(60);
    expect(refusal).toEqual({ status: 404, code: 'NOT_FOUND' });
  });
});

describe('a provider’s process', () => {
  it('refuses what is bad with a code', async () => {
    const user = (content: string) => ({ ...chat, messages: [{ role: 'user', content }] });
    const embed = (input: unknown) => ({ model: 'embeddings-en', input });
    const cases: readonly [path: string, body: unknown, status: number, code: string][] = [
      ['chat/completions', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'PARSE'],
      ['chat/completions', user('a '.repeat(150_000)), 400, 'INVALID_ARGUMENT'], // over the limit of all prompts
      ['chat/completions', user('a '.repeat(20_000)), 400, 'INVALID_ARGUMENT'], // over that of this model
      ['chat/completions', { ...chat, max_tokens: 1e9 }, 400, 'INVALID_ARGUMENT'],
      ['chat/completions', { ...chat, model: 'embeddings-en' }, 404, 'NOT_FOUND'],
      ['embeddings', embed('a'.repeat(9_000)), 400, 'INVALID_ARGUMENT'],
      ['embeddings', embed(Array.from({ length: 300 }, () => 'a')), 400, 'INVALID_ARGUMENT'],
      ['embeddings', embed([]), 400, 'INVALID_ARGUMENT'],
      ['embeddings', embed(['a', '']), 400, 'INVALID_ARGUMENT'],
      ['embeddings', embed([[1, 2, 3]]), 400, 'INVALID_ARGUMENT'],
    ];
    for (const [path, body, status, code] of cases) {
      const response = await post(path, body);
      const { error } = (await response.json()) as { error?: { code: string } };
      expect([path, response.status, error?.code]).toEqual([path, status, code]);
    }
    expect((await post('chat/completions', 'x'.repeat(3_000_000))).status).toBe(413);
  });

  it('lives with clients that stop reading and thousands of half-open requests, and its memory does not grow', async () => {
    const body = JSON.stringify({ ...chat, stream: true, max_tokens: 512 });
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const round = async (): Promise<number | undefined> => {
      const sockets: Socket[] = [];
      const dial = (text: string): Promise<void> =>
        new Promise((resolve) => {
          const socket = connect(Number(url.port), '127.0.0.1', () => {
            socket.write(text);
            socket.pause();
            resolve();
          });
          socket.on('error', () => resolve());
          sockets.push(socket);
        });
      for (let i = 0; i < 8; i++) await dial(head + body); // and never read
      for (let i = 0; i < 2_000; i += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, j) => dial((head + body).slice(0, 20 + (j % 2) * head.length))));
      }
      const answered = await post('chat/completions', chat);
      expect(answered.status, provider.output()).toBe(200);
      const resident = residentOf(provider.pid);
      for (const socket of sockets) socket.destroy();
      return resident;
    };
    const rounds: (number | undefined)[] = [];
    for (let i = 0; i < 4; i++) rounds.push(await round());
    const [, second = 0, , last = 0] = rounds;
    console.log(`resident in each round, MiB: ${rounds.map((bytes = 0) => Math.round(bytes / MIB)).join(', ')}`);
    expect(last - second).toBeLessThan(64 * MIB);
  });

  it('lives with thousands of streams over libp2p that ask half a request', async () => {
    const [stranger, honest] = (await Promise.all(
      [1, 2].map(() => createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true })),
    )) as [Host, Host];
    try {
      const peer = { peerId: address.split('/p2p/').at(-1) ?? '', multiaddrs: [address] };
      await open(stranger, peer, inferenceProtocol).callOne({});
      const [connection] = stranger.libp2p.getConnections();
      let opened = 0;
      const half = async (): Promise<void> => {
        const stream = await connection?.newStream(inferenceProtocol.id, { maxOutboundStreams: 10_000 });
        stream?.send(Uint8Array.of(200, 1, 7)); // of a frame of 200 bytes one
        opened++;
      };
      for (let i = 0; i < 2_000; i += 50) await Promise.allSettled(Array.from({ length: 50 }, half));
      expect(opened).toBeGreaterThan(0); // the others were refused, or the connection with them
      const { models } = await open(honest, peer, inferenceProtocol).callOne({});
      expect(models.map(({ id }) => id)).toEqual(['perigee-1', 'embeddings-en']);
    } finally {
      await Promise.all([stranger, honest].map((host) => host.stop()));
    }
  });

  it('does not begin with weights that cannot be run, and says why', async () => {
    await mkdir(folder, { recursive: true });
    const weights = join(folder, 'other.weights');
    await writeFile(weights, 'PERIGEEW and more');
    const [none, unknown, twice, uninstalled] = await Promise.all([
      runPerigee(compute('a', '--model', weights)),
      runPerigee(compute('b', '--model', join(folder, 'nowhere.weights'))),
      runPerigee(compute('c', '--model', 'perigee-1', '--model', 'perigee-1')),
      runPerigee(compute('d', '--model', join(folder, 'model.gguf'), '--engine-packages', folder)),
    ]);
    expect(none).toMatchObject({ code: 1, output: expect.stringMatching(/\[(PARSE|UNKNOWN_VERSION)\]/) });
    expect(unknown).toMatchObject({ code: 1, output: expect.stringContaining('[NOT_FOUND]') });
    expect(twice).toMatchObject({ code: 1, output: expect.stringContaining('[INVALID_ARGUMENT]') });
    expect(uninstalled).toMatchObject({ code: 1, output: expect.stringContaining('npm install node-llama-cpp@') });
    if (!isInstalled(onnx)) return;
    const model = join(folder, 'model.onnx');
    await writeFile(model, 'no model');
    const refused = await runPerigee(compute('e', '--model', model, '--engine-packages', onnx));
    expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('cannot be run') });
  });
});
