import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { env } from 'node:process';
import { bestX25519 } from '@perigee/light-core/confidential';
import { maxFeeOf } from '@perigee/light-core/receipt';
import type { RandomBytes } from '@perigee/light-core/roles';
import { cryptoRandomBytes } from '@perigee/net';
import { parseJson } from '@perigee/net/http';
import { fromHex, SIGNER_SCHEME, toHex, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callFrames, endpointOf, readCall } from '../../../packages/compute/src/provider/http/openai-call.ts';
import { chatRequest, embeddingsRequest, serving } from '../../../packages/compute/test/provider/serving.ts';
import { sealExchange } from '../../../packages/sampler/src/compute/sealing.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { type Network, startNetwork } from '../../../tests/kit/network.ts';
import { runPerigee, startPerigee, type TestProcess } from '../../../tests/kit/process.ts';
import { flipped, Relay } from './compute-relay.ts';

const folder = temporaryFolder('sealed');
const PROMPT = 'Wherefore murmur perihelion tidewaters underneath lighthouses?';
const WORDS = PROMPT.split(/\W+/).filter(({ length }) => length > 5);

/** Of an answer's frame every so many bytes: each takes a key agreement. The counts that the issue names are for long runs. */
const STEP = env.PERIGEE_LONG === '1' ? 1 : 13;

interface Provider {
  readonly account: string;
  readonly url: string;
  readonly tcp: { readonly peerId: string; readonly multiaddrs: readonly string[] };
}

let network: Network;
let process: TestProcess;
let provider: Provider;

const home = (name: string): string => join(folder, name);
const perigee = (name: string, ...words: string[]) => runPerigee([...words, '--home', home(name), '--chain', network.chain]);
const infer = (name: string, ...words: string[]) =>
  perigee(name, 'infer', PROMPT, '--max-tokens', '48', '--seed', '7', '--provider', provider.account, ...words);

function printed(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

/** What somebody reads who has all of these bytes: as they are, and every run of base64 in them decoded. */
function readable(captured: readonly Uint8Array[]): string {
  const raw = captured.map((bytes) => Buffer.from(bytes).toString('latin1')).join('\n');
  const decoded = (raw.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
  );
  return [raw, ...decoded].join('\n').toLowerCase();
}

beforeAll(async () => {
  network = await startNetwork({ nodes: 2, blockMs: 500, providers: 0 });
  const words = ['--role', 'compute', '--compute-port', '0', '--home', home('provider'), '--chain', network.chain];
  process = startPerigee(['node', ...words]);
  const ready = (await process.ready()) as unknown as {
    readonly peerId: string;
    readonly multiaddrs: readonly string[];
    readonly compute: { readonly account: string; readonly url: string };
  };
  const multiaddrs = ready.multiaddrs.filter((address) => /\/tcp\/\d+\/p2p\//.test(address));
  provider = { ...ready.compute, tcp: { peerId: ready.peerId, multiaddrs } };
  await eventually(() => expect(process.output()).toContain('the provider is registered'));
});

afterAll(async () => {
  await process?.stop();
  await network?.stop();
});

describe('a question that is sealed', () => {
  it('is answered over libp2p, and who carries both reads no word of them', async () => {
    const relay = await Relay.start(provider.tcp);
    const asked = await infer('a', '--via', relay.address, '--json');
    expect(asked.code, asked.output).toBe(0);
    const { answer, checks } = printed(asked.stdout) as {
      readonly answer: string;
      readonly checks: readonly { readonly name: string; readonly reason: string }[];
    };
    expect(checks.find(({ name }) => name === 'channel')?.reason).toContain('sealed to its key: who carried them read neither');
    const text = readable(relay.captured);
    expect(text.length).toBeGreaterThan(2_000);
    for (const word of [...WORDS, ...answer.split(/\W+/).filter(({ length }) => length > 5)]) {
      expect(text, word).not.toContain(word.toLowerCase());
    }

    // in the clear it does, and the check says so
    const clear = await infer('a', '--via', relay.address, '--clear', '--json');
    expect(clear.code, clear.output).toBe(0);
    for (const word of WORDS) expect(readable(relay.captured)).toContain(word.toLowerCase());
    expect(clear.stdout).toContain('What was asked is not sealed to it');
    await relay.host.stop();
  });

  it('is refused, or its answer is, wherever a byte of it is changed on the way', async () => {
    const [request, answer] = await Promise.all([Relay.start(provider.tcp), Relay.start(provider.tcp)]);
    let frames = 0;
    answer.change = ({ sealed, ...frame }) => ({
      ...frame,
      ...(sealed && { sealed: ++frames === 5 ? flipped(sealed) : sealed }),
    });
    request.changeCall = ({ sealed, ...call }) => ({ ...call, ...(sealed && { sealed: flipped(sealed) }) });
    const [asked, answered] = await Promise.all([
      infer('a', '--via', request.address, '--json'),
      infer('b', '--via', answer.address, '--json'),
    ]);
    expect(asked).toMatchObject({ code: 1, output: expect.stringMatching(/"code":"(SEALED|PARSE)"/) });
    expect(answered).toMatchObject({ code: 1, output: expect.stringContaining('"check":"SEALED"') });
    expect(printed(answered.stdout)).toMatchObject({ outcome: 'fail', refusal: { code: 'RECEIPT' } });
    await Promise.all([request.host.stop(), answer.host.stop()]);
  });

  it('goes over HTTP too, and a capture of the line has no word of it', async () => {
    const line = await startCapture(Number(new URL(provider.url).port));
    try {
      const asked = await infer('a', '--via', `http://127.0.0.1:${line.port}/v1`, '--json');
      expect(asked.code, asked.output).toBe(0);
      expect(printed(asked.stdout)).toMatchObject({ outcome: 'pass' });
      const text = readable(line.captured);
      expect(text).toContain('post /v1/chat/completions');
      expect(text).toContain('_e2ee');
      for (const word of WORDS) expect(text, word).not.toContain(word.toLowerCase());
      const clear = await infer('a', '--via', `http://127.0.0.1:${line.port}/v1`, '--clear');
      expect(clear).toMatchObject({ code: 1, output: expect.stringContaining('[UNSUPPORTED]') });
    } finally {
      line.server.close();
    }
  });
});

describe('an envelope', () => {
  /** The same bytes each time. */
  const seeded = (): RandomBytes => {
    let next = 1;
    return (length) => new Uint8Array(length).fill(next++);
  };

  it('with any byte changed is refused, and so is any frame of its answer', async () => {
    const x25519 = await bestX25519(crypto.subtle);
    const secret = cryptoRandomBytes(32);
    const encryptionKey = await x25519.publicKeyOf(secret);
    const signerAddress = cryptoRandomBytes(20);
    const sealing = { keys: [{ publicKey: encryptionKey, secret }], signerAddress, x25519 };
    const to = {
      encryptionKey,
      provider: cryptoRandomBytes(20),
      signer: { scheme: SIGNER_SCHEME.secp256k1, key: signerAddress },
    };
    const { provider: served, ledger } = await serving(join(folder, 'ledger'), { allowUnpaid: true });
    try {
      for (const [request, model] of [
        [chatRequest(3, 'Where?'), 'letters'],
        [embeddingsRequest(['one']), 'counts'],
      ] as const) {
        expect(maxFeeOf({ perRequest: 1n, perPromptToken: 0n, perAnswerToken: 0n }, request)).toBe(1n);
        const { bytes } = await sealExchange(request, to, model, seeded());
        const read = async (envelope: Uint8Array) => {
          const parsed = parseJson(Buffer.from(envelope));
          return readCall(parsed, endpointOf(parsed), { provider: served, sealing, random: seeded() });
        };
        expect((await read(bytes)).request).toEqual(request);
        const taken: number[] = [];
        for (let i = 0; i < bytes.length; i++) {
          await read(flipped(bytes, i)).then(
            (call) => (toHex(call.request.salt) === toHex(request.salt) ? taken.push(i) : taken.push(-i)),
            () => {},
          );
        }
        expect(taken).toEqual([]);

        const frames: Uint8Array[] = [];
        const call = await read(bytes);
        const events = served.answer(call.request, undefined, { name: 'me', signal: new AbortController().signal });
        for await (const frame of callFrames(events, call, 0)) frames.push(utf8(JSON.stringify(frame)));
        const whole = await sealExchange(request, to, model, seeded());
        for (const frame of frames) await whole.open(frame);
        expect(whole.isFinal).toBe(true);
        const [first = new Uint8Array(0)] = frames;
        const opened: number[] = [];
        for (let i = 0; i < first.length; i += STEP) {
          const again = await sealExchange(request, to, model, seeded());
          await again.open(flipped(first, i)).then(
            () => opened.push(i),
            () => {},
          );
        }
        expect(opened).toEqual([]);
        // one that is left out, or comes twice
        const again = await sealExchange(request, to, model, seeded());
        await again.open(first);
        await expect(again.open(first)).rejects.toMatchObject({ code: 'SEALED' });
      }
    } finally {
      await ledger.close();
    }
  });
});

describe('a session', () => {
  it('pays for answers of the account that has granted it, up to its cap', async () => {
    const [owner, session] = await Promise.all(
      ['owner', 'session'].map(async (name) => {
        const made = await runPerigee(['keys', 'new', name, '--home', home('payer'), '--json']);
        expect(made.code, made.output).toBe(0);
        return printed(made.stdout);
      }),
    );
    const account = String(owner?.address);
    // the faucet gives to the owner, which pays for nothing but the grant
    const funded = await infer('payer', '--key', 'owner', '--prepay', '0.00000001');
    expect(funded.code, funded.output).toBe(0);

    const ungranted = await infer('payer', '--key', 'session', '--account', account);
    expect(ungranted).toMatchObject({ code: 1, output: expect.stringMatching(/may spend 0 tokens of account .*\[ORDER\]/) });
    const grant = ['--may', 'computeDeposit', '--cap', '0.000000005', '--blocks', '2000', '--key', 'owner', '--yes', '--json'];
    const granted = await perigee('payer', 'tx', 'grant', String(session?.publicKey), ...grant);
    expect(granted.code, granted.output).toBe(0);

    const receipt = join(folder, 'session.pgrc');
    const asked = await infer('payer', '--key', 'session', '--account', account, '--json', '--save', receipt);
    expect(asked.code, asked.output).toBe(0);
    expect(printed(asked.stdout)).toMatchObject({ outcome: 'pass' });
    const verified = await perigee('payer', 'receipt', 'verify', receipt, '--json');
    expect(verified.code, verified.output).toBe(0);
    expect(printed(verified.stdout)).toMatchObject({ verdict: 'pass' });
    // the chain pays the provider by it
    await eventually(() => expect(process.output()).toContain('receipts were settled'));

    const wallet = await infer('payer', '--key', 'owner', '--account', `0x${toHex(fromHex(account.replace(/^0x/, ''), 20))}`);
    expect(wallet.code, wallet.output).toBe(0); // the account's own key is no session
  });
});

interface Capture {
  readonly port: number;
  readonly captured: Uint8Array[];
  readonly server: Server;
}

/** A line on which somebody listens. */
async function startCapture(to: number): Promise<Capture> {
  const captured: Uint8Array[] = [];
  const server = createServer((from) => {
    const far = connect(to, '127.0.0.1');
    for (const [a, b] of [
      [from, far],
      [far, from],
    ] as const) {
      a.on('data', (bytes: Buffer) => captured.push(Uint8Array.from(bytes)));
      a.on('error', () => b.destroy());
      a.pipe(b);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, captured, server };
}
