import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHost, cryptoRandomBytes, open, systemClock } from '@perigee/net';
import { inferenceProtocol } from '@perigee/net/inference';
import { Attestor } from '@perigee/sampler/attest';
import { AnswerChecker, createComputeClient, type Reply } from '@perigee/sampler/compute';
import { type ModelOffer, toHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { type Network, startNetwork } from '../../../tests/kit/network.ts';
import { runPerigee, startPerigee } from '../../../tests/kit/process.ts';
import { computePayer } from '../src/compute/payer.ts';
import { withLightNode } from '../src/light.ts';
import { flipped, Relay } from './compute-relay.ts';

const folder = temporaryFolder('compute');
const light = join(folder, 'light');
const TEXTS = Array.from({ length: 200 }, (_, i) => `Sentence ${i} is about ${i % 2 === 0 ? 'the sea' : 'the kitchen'}.`);
const receipt = join(folder, 'answer.pgrc');

let network: Network;
let relay: Relay;

const perigee = (...words: string[]) => runPerigee([...words, '--home', light, '--chain', network.chain]);
const infer = (...words: string[]) => perigee('infer', 'What is a light node?', '--max-tokens', '48', '--seed', '7', ...words);

/** The object that a command printed. */
function printed(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

async function ended(reply: Reply) {
  for (;;) {
    const next = await reply.next();
    if (next.done === true) return next.value;
  }
}

beforeAll(async () => {
  network = await startNetwork({ nodes: 2, blockMs: 500 });
  const [, provider] = network.nodes;
  if (provider === undefined) throw new Error('the network has no second node');
  const tcp = provider.multiaddrs.filter((address) => /\/tcp\/\d+\/p2p\//.test(address));
  relay = await Relay.start({ peerId: provider.peerId, multiaddrs: tcp });
  // one registration for each of its models
  await eventually(() => expect(network.output().split('the provider is registered').length).toBeGreaterThan(2));
});

afterAll(async () => {
  await relay.host.stop();
  await network.stop();
});

describe('a provider of a devnet', () => {
  it('is found in proved state, paid, and every check of its answer has a name', async () => {
    const asked = await infer('--json', '--save', receipt);
    expect(asked.code, asked.output).toBe(0);
    const answer = printed(asked.stdout) as { checks: { name: string; verdict: string }[]; answer: string };
    expect(answer).toMatchObject({
      outcome: 'pass',
      hardware: { status: 'simulated' },
      model: { id: 'perigee-1', engine: 'int8/1' },
    });
    expect(answer.answer.length).toBeGreaterThan(0);
    expect(answer.checks.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'registration pass',
      'hardware pass',
      'code notChecked',
      'model pass',
      'channel pass',
      'content pass',
      'payment pass',
    ]);
    expect(BigInt(String(printed(asked.stdout).fee))).toBeGreaterThan(0n);
    // the same seed gives the same bytes
    const again = await infer();
    expect(again).toMatchObject({ code: 0, stdout: `${answer.answer}\n` });
  });

  it('has an embedding model beside it, registered with a key of its own', async () => {
    const [, node] = network.nodes;
    if (node === undefined) throw new Error('the network has no second node');
    const multiaddrs = node.multiaddrs.filter((address) => /\/tcp\/\d+\/p2p\//.test(address));
    const peer = open(relay.host, { peerId: node.peerId, multiaddrs }, inferenceProtocol);
    const offered = async () => (await peer.callOne({})).models;
    await eventually(async () => expect((await offered()).every(({ evidenceId }) => evidenceId !== undefined)).toBe(true));
    const offers = await offered();
    expect(offers.map(({ id }) => id)).toEqual(['perigee-1', 'embeddings-en']);
    const [chat, embeddings] = offers as [ModelOffer, ModelOffer];
    expect(toHex(embeddings.signer.key)).not.toBe(toHex(chat.signer.key));
    const inputs = ['How do I verify a block?', 'A way to check blocks', 'The cat is asleep.'];
    const parameters = { maxTokens: 0, temperatureMillionths: 0, topPMillionths: 0, stop: [] };
    const { kind, modelRoot } = embeddings;
    const request = { version: 1, kind, modelRoot, salt: new Uint8Array(0), messages: [], inputs, parameters };
    const chunks: Uint8Array[] = [];
    let signer: Uint8Array | undefined;
    for await (const { opening, chunk } of peer.call({ request })) {
      if (opening !== undefined) signer = opening.signer.key;
      if (chunk !== undefined) chunks.push(chunk);
    }
    expect(signer).toEqual(embeddings.signer.key);
    const [a, b, c] = chunks.map((bytes) => new Float32Array(bytes.slice().buffer)) as [Float32Array, Float32Array, Float32Array];
    expect([a, b, c].map(({ length }) => length)).toEqual([512, 512, 512]);
    const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
    expect(dot(a, b) / Math.hypot(...b)).toBeGreaterThan(dot(a, c) / Math.hypot(...c));
  });

  it('embeds texts of words, a file and standard input, each with every check and a receipt', async () => {
    const saved = join(folder, 'vectors.pgrc');
    const texts = join(folder, 'texts');
    await writeFile(texts, 'The sea is calm.\r\n\nA cat sleeps.\n');
    const embed = (...words: string[]) => perigee('infer', '--embed', ...words);
    const words = await embed('The sea is calm.', 'A cat sleeps.', '--json', '--save', saved);
    expect(words.code, words.output).toBe(0);
    const found = printed(words.stdout) as { vectors: number[][]; checks: { name: string; verdict: string }[] };
    expect(found).toMatchObject({ outcome: 'pass', model: { id: 'embeddings-en' }, saved });
    expect(found.checks.filter(({ verdict }) => verdict !== 'pass').map(({ name }) => name)).toEqual(['code']);
    expect(found).not.toHaveProperty('answer');
    expect(found.vectors.map(({ length }) => length)).toEqual([512, 512]);
    expect(found.vectors.flat().every((value) => Math.fround(value) === value)).toBe(true);
    expect(found.vectors[0]).not.toEqual(found.vectors[1]);
    const verified = await perigee('receipt', 'verify', saved, '--json');
    expect(verified.code, verified.output).toBe(0);

    const lines = await embed('--file', texts);
    expect(lines.code, lines.output).toBe(0);
    expect(JSON.parse(`[${lines.stdout.trim().split('\n').join()}]`)).toEqual(found.vectors);
    expect(lines.output).toContain('pass  payment');

    const program = fileURLToPath(new URL('../../../dist/node/perigee.js', import.meta.url));
    const piped = spawn(process.execPath, [
      program,
      ...['infer', '--embed', '--file', '-', '--json', '--home', light, '--chain', network.chain],
    ]);
    const parts: Buffer[] = [];
    piped.stdout.on('data', (part: Buffer) => parts.push(part));
    piped.stdin.end('A cat sleeps.\n');
    expect(await once(piped, 'close')).toEqual([0, null]);
    expect(printed(Buffer.concat(parts).toString())).toMatchObject({ vectors: [found.vectors[1]] });

    const refused: readonly (readonly [words: string[], says: string])[] = [
      [[], 'there are 0'],
      [['a', ''], 'none of them empty'],
      [Array.from({ length: 257 }, (_, i) => `text ${i}`), 'there are 257'],
      [['a', '--file', texts], 'not both'],
      [['a', '--seed', '1'], '--seed is for answers'],
      [['a'.repeat(2 ** 16), ...Array.from({ length: 4 }, () => 'b'.repeat(2 ** 16))], 'bytes in all'],
      [['--file', folder], 'a folder'],
    ];
    for (const [given, says] of refused) {
      const { code, output } = await embed(...given);
      expect(code, output).not.toBe(0);
      expect(output).toContain(says);
    }
    expect((await perigee('infer', '--file', texts, 'What?')).output).toContain('add --embed');
  });

  it('embeds texts sealed, one vector each, and its evidence is asked for once', async () => {
    const { signal } = new AbortController();
    const host = await createHost({ allowPrivate: true });
    const checker = new AnswerChecker();
    try {
      const trustRoot = readFileSync(network.chain, 'utf8');
      await withLightNode({ trustRoot, follow: false, workers: 1 }, signal, async (node) => {
        const attestor = new Attestor({ node, clock: systemClock });
        let verified = 0;
        try {
          const client = createComputeClient({
            node,
            host,
            checker,
            attestor: {
              verifyBound: (...given) => {
                verified++;
                return attestor.verifyBound(...given);
              },
            },
            payer: computePayer({ scheme: 'ed25519', secret: cryptoRandomBytes(32) }, node.state.chain?.chainId ?? ''),
            random: cryptoRandomBytes,
            fund: async (address, until) => {
              await node.requestFunds(address, { signal: until });
            },
          });
          expect((await client.providers({ signal })).length).toBe(2);
          const { verdict, opened, offer } = await ended(client.ask({ inputs: TEXTS }, { signal }));
          expect(verdict.checks.map((check) => `${check.name} ${check.verdict}`)).toEqual([
            'registration pass',
            'hardware pass',
            'code notChecked',
            'model pass',
            'channel pass',
            'content pass',
            'payment pass',
          ]);
          expect(verdict).toMatchObject({ outcome: 'pass', hardware: { status: 'simulated' } });
          const chunks = opened?.answer?.chunks ?? [];
          expect(chunks).toHaveLength(TEXTS.length);
          expect(new Set(chunks.map(({ length }) => length))).toEqual(new Set([4 * offer.dimensions]));
          // in the clear the same texts have the same vectors
          const clear = await ended(client.ask({ inputs: TEXTS.slice(0, 2), isClear: true }, { signal }));
          expect(clear.opened?.answer?.chunks).toEqual(chunks.slice(0, 2));
          expect(verified).toBe(1);
        } finally {
          await attestor.close();
        }
      });
    } finally {
      await checker.close();
      await host.stop();
    }
  });

  it('gave a receipt that verifies against the chain, and not without it', async () => {
    const [online, offline] = await Promise.all([
      perigee('receipt', 'verify', receipt, '--json'),
      runPerigee(['verify', receipt, '--chain', network.chain, '--json']),
    ]);
    expect(online.code, online.output).toBe(0);
    expect(printed(online.stdout)).toMatchObject({ verdict: 'pass' });
    expect(offline).toMatchObject({ code: 1, output: expect.stringContaining('perigee receipt verify FILE') });
    expect(offline.stdout).toContain('"verdict":"partial"');
  });

  it('is audited by whoever has its receipts: the same bytes, said on the chain once', async () => {
    const audit = (...words: string[]) => perigee('audit', receipt, '--json', ...words);
    const first = await audit();
    expect(first.code, first.output).toBe(0);
    const [finding = '', sum = ''] = first.stdout.trim().split('\n');
    expect(JSON.parse(finding)).toMatchObject({ outcome: 'agreement', reported: 'reported' });
    expect(JSON.parse(sum)).toMatchObject({ receipts: 1, executed: 1, agreement: 1, fraud: 0, executionsFor99: 459 });
    const again = await audit();
    expect(again.code, again.output).toBe(0);
    expect(again.stdout).toContain('"reported":"reported before"');
    const none = await audit('--rate', '0');
    expect(none.code, none.output).toBe(0);
    expect(printed(none.stdout)).toMatchObject({ executed: 0, notDrawn: 1 });
    // the deposit stays for as long as an order may be settled
    expect(await audit('--withdraw')).toMatchObject({
      code: 1,
      output: expect.stringContaining('the report stays until height'),
    });
  });

  it('may be asked through anyone, and whoever changes a byte on the way is found out', async () => {
    const honest = await infer('--via', relay.address);
    expect(honest.code, honest.output).toBe(0);

    let isFirst = true;
    const liars = await Promise.all([
      relay.lying({
        change(frame) {
          if (frame.chunk === undefined || !isFirst) return frame;
          isFirst = false;
          return { ...frame, chunk: flipped(frame.chunk) };
        },
      }),
      relay.lying({
        change({ opening, ...frame }) {
          if (opening === undefined) return frame;
          return { ...frame, opening: { ...opening, order: { body: { ...opening.order.body, maxFee: 0n } } } };
        },
      }),
      relay.lying({
        change({ checkpoint, ...frame }) {
          if (checkpoint === undefined) return frame;
          return { ...frame, checkpoint: { ...checkpoint, signature: flipped(checkpoint.signature, 9) } };
        },
      }),
      relay.lying({
        changeEvidence: ({ evidence, ...rest }) => ({ ...rest, ...(evidence && { evidence: flipped(evidence) }) }),
      }),
    ]);
    const [changed, unpaid, unsigned, other] = await Promise.all([
      // in the clear, so that they can choose what they change
      infer('--clear', '--via', liars[0].address),
      infer('--clear', '--via', liars[1].address, '--json'),
      infer('--clear', '--via', liars[2].address),
      infer('--via', liars[3].address, '--json'),
    ]);
    expect(changed).toMatchObject({ code: 1, output: expect.stringMatching(/FAIL {2}content .*\[content\]/) });
    expect(changed.output).toContain('[RECEIPT]');
    expect(changed.stdout.trim()).toBe(''); // nothing of it is shown as an answer
    expect(unpaid.code).toBe(1);
    expect(printed(unpaid.stdout)).toMatchObject({ outcome: 'fail', refusal: { code: 'RECEIPT', data: { check: 'order' } } });
    expect(unsigned).toMatchObject({ code: 1, output: expect.stringMatching(/FAIL {2}channel .*\[signature\]/) });
    expect(other.code).toBe(1);
    expect(other.output).toContain('"code":"ATTESTATION"');
    expect(other.output).toContain('"check":"CHANGED"');
    await Promise.all(liars.map(({ host }) => host.stop()));
  });

  it('says what is wrong and what to do', async () => {
    const [model, provider, via] = await Promise.all([
      infer('--model', 'another'),
      infer('--provider', 'ab'.repeat(20)),
      infer('--via', 'somewhere'),
    ]);
    expect(model).toMatchObject({ code: 1, output: expect.stringMatching(/has model "perigee-1", not "another" \[NOT_FOUND\]/) });
    expect(provider).toMatchObject({ code: 1, output: expect.stringContaining('[NOT_FOUND]') });
    expect(via).toMatchObject({ code: 1, output: expect.stringContaining('--via is "somewhere"') });
  });

  it('has after kill -9 what it had acknowledged: no order twice, and every receipt to be settled', async () => {
    const asked = await infer('--via', relay.address);
    expect(asked.code, asked.output).toBe(0);
    const call = relay.asked;
    const [, provider] = network.nodes;
    if (call === undefined || provider === undefined) throw new Error('nothing was asked');
    process.kill(provider.pid, 'SIGKILL');
    const words = ['node', '--role', 'compute', '--home', provider.home, '--chain', network.chain];
    const restarted = startPerigee(words);
    try {
      const ready = (await restarted.ready()) as unknown as { peerId: string; multiaddrs: string[] };
      expect(ready.peerId).toBe(provider.peerId);
      const multiaddrs = ready.multiaddrs.filter((address) => /\/tcp\/\d+\/p2p\//.test(address));
      const again = async (): Promise<void> => {
        for await (const _ of open(relay.host, { peerId: ready.peerId, multiaddrs }, inferenceProtocol).call(call)) break;
      };
      await expect(again()).rejects.toMatchObject({ code: 'ORDER', message: expect.stringContaining('was used before') });
      await eventually(() => expect(restarted.output()).toContain('receipts were settled'));
      await eventually(() => expect(restarted.output()).toContain('the provider is registered'));
      const after = await infer();
      expect(after.code, after.output).toBe(0);
    } finally {
      expect(await restarted.stop()).toEqual({ code: 0, signal: null });
    }
  });
});
