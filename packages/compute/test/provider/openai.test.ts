/** The HTTP side as OpenAI's clients see it, and as those see it who check what they get. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type JsonObject, nobleX25519, openRequest, ResponseOpener, sealRequest } from '@perigee/light-core/confidential';
import { chatRequestOf, embeddingsRequestOf, requestHashOf, verifyReceipt } from '@perigee/light-core/receipt';
import { cryptoRandomBytes, systemClock } from '@perigee/net';
import { Checkpoint, fromBase64, InferenceOpening, InferenceReceipt, PaymentOrder, toBase64, toHex, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { type OpenAiServer, type PaidLedger, startOpenAiServer } from '../../src/provider/index.ts';
import { expected, orderFor, serving, verified } from './serving.ts';
import { countingModel, letterModel } from './small-models.ts';

const peer = fileURLToPath(new URL('../../../../tests/peers/openai/', import.meta.url));
const isInstalled = existsSync(`${peer}node_modules/openai`);
const letters = letterModel();
const encryptionSecret = new Uint8Array(32).fill(9);
const signerAddress = new Uint8Array(20).fill(8);
const faults: string[] = [];

let server: OpenAiServer;
let free: OpenAiServer;
const ledgers: PaidLedger[] = [];
let encryptionKey: Uint8Array;

beforeAll(async () => {
  encryptionKey = await nobleX25519.publicKeyOf(encryptionSecret);
  const sealing = { keys: [{ publicKey: encryptionKey, secret: encryptionSecret }], signerAddress, x25519: nobleX25519 };
  const begin = async (allowUnpaid: boolean): Promise<OpenAiServer> => {
    const { provider, ledger } = await serving(temporaryFolder('openai'), { allowUnpaid });
    ledgers.push(ledger);
    const onFault = (error: Error): void => void faults.push(error.message);
    return startOpenAiServer({
      provider,
      host: '127.0.0.1',
      port: 0,
      clock: systemClock,
      random: cryptoRandomBytes,
      sealing,
      onFault,
    });
  };
  server = await begin(false);
  free = await begin(true);
});
afterAll(async () => {
  await server.close();
  await free.close();
  for (const ledger of ledgers) await ledger.close();
});

const post = (to: OpenAiServer, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${to.port}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const chat = {
  model: 'letters',
  messages: [{ role: 'user', content: 'Where is the perigee?' }],
  max_tokens: 80,
  temperature: 0.5,
};

/** What a client reads of an object of an event stream. */
interface StreamedChunk {
  readonly choices: readonly { readonly delta: { readonly content: string } }[];
  readonly perigee?: { readonly opening?: string; readonly checkpoint?: string };
}

/** Objects of an event stream. */
async function eventsOf(response: Response): Promise<JsonObject[]> {
  const text = await response.text();
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)));
}

describe('over HTTP', () => {
  it('the models are listed with what they cost and who signs', async () => {
    const { data } = await (await fetch(`http://127.0.0.1:${server.port}/v1/models`)).json();
    expect(data.map(({ id }: { id: string }) => id)).toEqual(['letters', 'counts']);
    expect(data[0].perigee).toMatchObject({
      kind: 'chat',
      model_root: toHex(letters.modelRoot),
      price: { per_answer_token: '5' },
    });
  });

  it('a whole answer that is paid for carries its receipt', async () => {
    const salt = cryptoRandomBytes(32);
    const request = chatRequestOf(chat, { modelRoot: letters.modelRoot, salt });
    const order = toBase64(PaymentOrder.encode(await orderFor(request)));
    const response = await post(server, '/v1/chat/completions', chat, { 'Perigee-Order': order, 'Perigee-Salt': toHex(salt) });
    expect(response.status).toBe(200);
    const body = await response.json();
    const content: string = body.choices[0].message.content;
    expect(content).toHaveLength(80);
    expect(body.usage.total_tokens).toBe(101);
    const receipt = InferenceReceipt.decodeCanonical(fromBase64(body.perigee.receipt));
    const bytes = utf8(content);
    let at = 0;
    const chunks = body.perigee.chunks.map((length: number) => {
      at += length;
      return bytes.subarray(at - length, at);
    });
    const report = await verifyReceipt({ receipt, request, answer: { chunks } }, { ...expected, modelRoot: letters.modelRoot });
    expect(report.verdict).toBe('pass');
  });

  it('a streamed answer is verified while it comes', async () => {
    const request = chatRequestOf(chat, { modelRoot: letters.modelRoot, salt: new Uint8Array(0) });
    const sent = await orderFor(request);
    const order = toBase64(PaymentOrder.encode(sent));
    const body = { ...chat, stream: true, stream_options: { include_usage: true } };
    const events = await eventsOf(await post(server, '/v1/chat/completions', body, { 'Perigee-Order': order }));
    const { verdict, text } = await verified(
      (async function* () {
        for (const { perigee, choices } of events as unknown as StreamedChunk[]) {
          if (perigee?.opening !== undefined) yield { opening: InferenceOpening.decodeCanonical(fromBase64(perigee.opening)) };
          else if (perigee?.checkpoint !== undefined)
            yield { checkpoint: Checkpoint.decodeCanonical(fromBase64(perigee.checkpoint)) };
          else if (choices[0] !== undefined) yield { chunk: utf8(choices[0].delta.content) };
        }
      })(),
      request,
      sent,
    );
    expect(verdict).toBe('pass');
    expect(text).toHaveLength(80);
    expect(events.at(-1)?.usage).toEqual({ prompt_tokens: 21, completion_tokens: 80, total_tokens: 101 });
  });

  it('embeddings have the bytes that are signed, as numbers and in base64', async () => {
    const body = { model: 'counts', input: ['The nearest point.', 'A loaf of bread.'] };
    const request = embeddingsRequestOf(body, { modelRoot: countingModel.modelRoot, salt: new Uint8Array(0) });
    for (const encoding_format of ['float', 'base64']) {
      const answer = await (await post(free, '/v1/embeddings', { ...body, encoding_format })).json();
      const chunks = answer.data.map(({ embedding }: { embedding: number[] | string }) =>
        typeof embedding === 'string' ? fromBase64(embedding) : new Uint8Array(Float32Array.from(embedding).buffer),
      );
      const receipt = InferenceReceipt.decodeCanonical(fromBase64(answer.perigee.receipt));
      const report = await verifyReceipt(
        { receipt, request, answer: { chunks } },
        { ...expected, modelRoot: countingModel.modelRoot },
      );
      expect(report.verdict).toBe('pass');
    }
  });

  it('a sealed request is answered sealed, and its relay reads neither', async () => {
    const responseSecret = cryptoRandomBytes(32);
    const responseKey = await nobleX25519.publicKeyOf(responseSecret);
    const common = { encryptionKey, signerAddress, responseKey, random: cryptoRandomBytes, x25519: nobleX25519 };
    const { envelope } = await sealRequest({ ...chat, stream: true }, common);
    expect(JSON.stringify(envelope)).not.toContain('perigee?');
    const events = await eventsOf(await post(free, '/v1/chat/completions', envelope));
    const opener = new ResponseOpener(responseSecret, nobleX25519);
    let text = '';
    for (const event of events) {
      expect(event.choices).toBeUndefined();
      const { frame } = await opener.open(event);
      text += (frame as unknown as StreamedChunk).choices[0]?.delta.content ?? '';
    }
    expect(opener.isFinal).toBe(true);
    expect(text).toHaveLength(80);
    const keys = { keys: [{ publicKey: encryptionKey, secret: encryptionSecret }], signerAddress, x25519: nobleX25519 };
    expect((await openRequest(envelope, keys, ['messages'])).body.messages).toEqual(chat.messages);
    const beside = await post(free, '/v1/chat/completions', envelope, { 'Perigee-Salt': toHex(cryptoRandomBytes(32)) });
    expect([beside.status, (await beside.json()).error.code]).toEqual([400, 'SEALED']);
    const broken = await post(free, '/v1/chat/completions', { ...envelope, max_tokens: 81 });
    expect([broken.status, (await broken.json()).error.code]).toEqual([400, 'SEALED']);
  });
});

describe('a sealed request', () => {
  const seal = async (body: JsonObject) => {
    const responseSecret = cryptoRandomBytes(32);
    const responseKey = await nobleX25519.publicKeyOf(responseSecret);
    const common = { encryptionKey, signerAddress, responseKey, random: cryptoRandomBytes, x25519: nobleX25519 };
    return { responseSecret, envelope: (await sealRequest(body, common)).envelope };
  };

  it('carries its salt sealed, and is executed and paid for with it', async () => {
    const salt = cryptoRandomBytes(32);
    const request = chatRequestOf(chat, { modelRoot: letters.modelRoot, salt });
    const { envelope, responseSecret } = await seal({ ...chat, perigee: { salt: toHex(salt) } });
    expect(JSON.stringify(envelope)).not.toContain(toHex(salt));
    const order = toBase64(PaymentOrder.encode(await orderFor(request)));
    const response = await post(server, '/v1/chat/completions', envelope, { 'Perigee-Order': order });
    expect(response.status).toBe(200);
    const { frame } = await new ResponseOpener(responseSecret, nobleX25519).open(await response.json());
    const { receipt } = frame.perigee as { readonly receipt: string };
    expect(InferenceReceipt.decodeCanonical(fromBase64(receipt)).checkpoint.body.requestHash).toEqual(requestHashOf(request));
  });

  it('is bounded as one in the clear is: deep or wide JSON within the seal is refused', async () => {
    const nested = (depth: number): JsonObject => ({ ...chat, tools: JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) });
    for (const body of [nested(30), nested(1_000), { ...chat, tools: Array.from({ length: 140_000 }, () => 1) }]) {
      const response = await post(free, '/v1/chat/completions', (await seal(body)).envelope);
      expect([response.status, (await response.json()).error.code]).toEqual([400, 'SEALED']);
    }
  });
});

describe('bad input is refused with a code, and the provider lives', () => {
  const refused = async (response: Response): Promise<[number, string]> => {
    const body = await response.json();
    return [response.status, body.error?.code ?? body.message];
  };
  const cases: Record<string, [body: unknown, status: number, code: string]> = {
    'deep JSON': [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 400, 'PARSE'],
    'deep messages': [{ ...chat, messages: JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`) }, 400, 'PARSE'],
    'no JSON': ['{"model":', 400, 'PARSE'],
    'a list': ['[]', 400, 'PARSE'],
    'an unknown model': [{ ...chat, model: 'gpt' }, 404, 'NOT_FOUND'],
    'a model of another kind': [{ ...chat, model: 'counts' }, 404, 'NOT_FOUND'],
    'no messages': [{ ...chat, messages: [] }, 400, 'INVALID_ARGUMENT'],
    'a message without text': [
      { ...chat, messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      400,
      'INVALID_ARGUMENT',
    ],
    'too many tokens': [{ ...chat, max_tokens: 1e9 }, 400, 'INVALID_ARGUMENT'],
    'a temperature that is none': [{ ...chat, temperature: 'hot' }, 400, 'INVALID_ARGUMENT'],
    tools: [{ ...chat, tools: [{}] }, 400, 'INVALID_ARGUMENT'],
    'a long prompt': [{ ...chat, messages: [{ role: 'user', content: 'a'.repeat(300_000) }] }, 400, 'INVALID_ARGUMENT'],
    'no order': [chat, 402, 'ORDER'],
  };
  for (const [name, [body, status, code]] of Object.entries(cases)) {
    it(name, async () => {
      const to = name === 'no order' ? server : free;
      expect(await refused(await post(to, '/v1/chat/completions', body))).toEqual([status, code]);
    });
  }

  it('bodies over the limit, other paths, other methods, orders that are none', async () => {
    expect((await post(free, '/v1/chat/completions', 'x'.repeat(3_000_000))).status).toBe(413);
    expect((await post(free, '/v1/images', {})).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${free.port}/v1/embeddings`)).status).toBe(405);
    for (const order of ['!', 'AAAA', 'A'.repeat(4_000)]) {
      expect((await post(server, '/v1/chat/completions', chat, { 'Perigee-Order': order })).status).toBe(400);
    }
  });

  it('clients that stop reading, and thousands of connections that ask half a request', { timeout: 180_000 }, async () => {
    const body = JSON.stringify({ ...chat, stream: true, max_tokens: 1_000 });
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const sockets: Socket[] = [];
    const dial = (text: string): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(free.port, '127.0.0.1', () => {
          socket.write(text);
          socket.pause();
          resolve();
        });
        socket.on('error', () => resolve());
        sockets.push(socket);
      });
    for (let i = 0; i < 8; i++) await dial(head + body); // and never read
    for (let i = 0; i < 2_000; i += 50) await Promise.all(Array.from({ length: 50 }, () => dial(head + body.slice(0, 10))));
    const answer = await post(free, '/v1/chat/completions', chat);
    expect(answer.status).toBe(200);
    expect((await answer.json()).choices[0].message.content).toHaveLength(80);
    for (const socket of sockets) socket.destroy();
    expect(faults).toEqual([]);
  });
});

describe.skipIf(!isInstalled)(
  `OpenAI’s client${isInstalled ? '' : ' (skipped: not installed, npm ci in tests/peers/openai)'}`,
  () => {
    it('lists models, embeds, and completes whole and streamed, unchanged', { timeout: 120_000 }, async () => {
      const run = promisify(execFile);
      const { stdout } = await run(process.execPath, [`${peer}ask.mjs`, `http://127.0.0.1:${free.port}/v1`]);
      const { version, models, near, far, whole, streamed, usage, refusal } = JSON.parse(stdout);
      console.log(`openai ${version}`);
      expect(models).toEqual(['letters', 'counts']);
      expect(near).toBeGreaterThan(far);
      expect(whole).toHaveLength(60);
      expect(streamed).toBe(whole); // of the same seed
      expect(usage).toMatchObject({ completion_tokens: 60 });
      expect(refusal).toEqual({ status: 404, code: 'NOT_FOUND' });
    });
  },
);
