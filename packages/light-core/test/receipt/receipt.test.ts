import {
  AnswerVerifier,
  decodeReceiptFile,
  encodeForAuditors,
  encodeReceiptFile,
  failedCheckOf,
  verifyReceipt,
} from '@perigee/light-core/receipt';
import { ed25519Signer } from '@perigee/light-core/tx';
import {
  type CheckpointBody,
  concatAll,
  FINISH,
  type InferenceExecution,
  type InferenceRequest,
  MODEL_KIND,
  type OpenedReceipt,
  type PaymentOrder,
} from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { type Random, randomOf } from '../../../../tests/kit/random.ts';
import { checkUsage } from '../../src/receipt/fee.ts';
import { type Exchange, exchange, type Lies, openedOf } from './honest.ts';

const LONG = process.env.PERIGEE_LONG === '1';

/** Plays an exchange to a client. @returns the name of the check that refused it, else the verdict */
async function play({
  request,
  order,
  execution,
  chunks,
  checkpoints,
  expected,
  sent = order,
}: Exchange & { readonly sent?: PaymentOrder | null }): Promise<string> {
  const { provider } = expected;
  if (provider === undefined) throw new Error('the provider is not known');
  try {
    const verifier = await AnswerVerifier.begin(
      { order, execution, signer: provider.signer, request, sent: sent ?? undefined },
      expected,
    );
    let at = 0;
    for (const checkpoint of checkpoints) {
      const end = Math.max(at, checkpoint.body.finish === FINISH.none ? at + 32 : chunks.length);
      for (const chunk of chunks.slice(at, end)) verifier.push(chunk);
      at = end;
      await verifier.checkpoint(checkpoint);
      expect(verifier.verified.chunks).toBe(at);
    }
    return await verifier.end();
  } catch (error) {
    const check = failedCheckOf(error);
    if (check === undefined) throw error;
    return check;
  }
}

/** The same where no order was sent. */
async function playUnsent(one: Exchange): Promise<string> {
  return play({ ...one, sent: null });
}

/** @returns the names of the checks that failed, else the verdict */
async function judge(opened: OpenedReceipt, { expected }: Exchange): Promise<string> {
  const { verdict, checks } = await verifyReceipt(decodeReceiptFile(encodeReceiptFile(opened)), expected);
  const failed = checks.filter((check) => check.verdict === 'fail').map(({ name }) => name);
  return verdict === 'fail' ? failed.join(' ') : verdict;
}

describe('honest receipts', () => {
  it('pass, every one, as a stream and as a file', { timeout: 300_000 }, async () => {
    const random = randomOf(onTestFailed);
    for (let i = 0; i < (LONG ? 1_000 : 100); i++) {
      const one = await exchange(random);
      expect(await play(one)).toBe('pass');
      expect(await judge(openedOf(one), one)).toBe('pass');
    }
  });

  it('say what was not checked where the file or its reader knows less', async () => {
    const one = await exchange(randomOf(onTestFailed));
    const { receipt } = openedOf(one);
    const { provider: _, evidenceId: __, ...less } = one.expected;
    const { verdict, checks } = await verifyReceipt({ receipt }, less);
    expect(verdict).toBe('partial');
    expect(checks.filter((check) => check.verdict === 'notChecked').map(({ name }) => name)).toEqual([
      'request',
      'provider',
      'evidence',
      'parameters',
      'content',
      'usage',
    ]);
    for (const { reason } of checks) expect(reason).toMatch(/^[A-Z0-9].*\.$/);
  });
});

const liars: Record<string, { caught: string; lies?: Lies; change?: (one: Exchange, other: Exchange) => Exchange }> = {
  'swaps one byte of the answer': { caught: 'content', change: (one) => ({ ...one, chunks: swapByte(one.chunks) }) },
  'leaves a piece out': { caught: 'content', change: (one) => ({ ...one, chunks: one.chunks.slice(1) }) },
  'cuts pieces elsewhere': {
    caught: 'content',
    change: (one) => ({ ...one, chunks: [concatAll(one.chunks)] }),
  },
  'uses another model': { caught: 'model', lies: { execution: (it) => ({ ...it, modelRoot: new Uint8Array(32) }) } },
  'presents an old quote': { caught: 'evidence', lies: { execution: (it) => ({ ...it, evidenceId: new Uint8Array(32) }) } },
  'presents no quote': { caught: 'evidence', lies: { execution: ({ evidenceId: _, ...it }) => it } },
  "reuses another chat's signature": {
    caught: 'order',
    change: (one, other) => ({ ...one, checkpoints: other.checkpoints.slice(-1) }),
  },
  'overcharges what was counted': { caught: 'fee', lies: { body: (body) => ({ ...body, fee: body.fee + 1n }) } },
  'raises the price': {
    caught: 'fee',
    lies: { execution: (it) => ({ ...it, price: { ...it.price, perAnswerToken: it.price.perAnswerToken + 1n } }) },
  },
  'counts tokens that nobody sent': {
    caught: 'usage',
    lies: { body: (body) => ({ ...body, usage: { ...body.usage, promptTokens: 100_000 }, fee: 300_000n }) },
  },
  'signs a hash that the caller supplied': {
    caught: 'request',
    lies: { body: (body) => ({ ...body, requestHash: new Uint8Array(32).fill(1) }) },
  },
  'has the order name the hash of another request': {
    caught: 'request',
    lies: { order: (body) => ({ ...body, requestHash: new Uint8Array(32).fill(1) }) },
  },
  'signs with another key': {
    caught: 'signature',
    change: (one, other) => ({
      ...one,
      checkpoints: one.checkpoints.map(({ body }, i) => ({
        body,
        signature: other.checkpoints[i]?.signature ?? new Uint8Array(64),
      })),
    }),
  },
  'draws with another temperature': {
    caught: 'parameters',
    lies: { execution: (it) => ({ ...it, parameters: { ...it.parameters, temperatureMillionths: 2, maxTokens: 9 } }) },
  },
  'asks more for a token of the prompt': {
    caught: 'fee',
    lies: { execution: (it) => ({ ...it, price: { ...it.price, perPromptToken: it.price.perPromptToken + 1n } }) },
  },
  'asks more for a request': {
    caught: 'fee',
    lies: { execution: (it) => ({ ...it, price: { ...it.price, perRequest: it.price.perRequest + 1n } }) },
  },
  'charges what it costs, and that is more than the order allows': {
    caught: 'fee',
    lies: { order: (body) => ({ ...body, maxFee: 120n }) },
  },
  'counts more of an answer than was asked for': {
    caught: 'usage',
    lies: { body: (body) => ({ ...body, usage: { ...body.usage, answerTokens: 301 }, fee: 100n + 3n * 7n + 5n * 301n }) },
  },
  'is not the one that was asked': { caught: 'provider', lies: { order: (body) => ({ ...body, provider: new Uint8Array(20) }) } },
  'has registered another model': {
    caught: 'model',
    change: (one) => ({ ...one, expected: { ...one.expected, modelRoot: new Uint8Array(32) } }),
  },
  'has the order name another model than the request': {
    caught: 'model',
    lies: {
      order: (body) => ({ ...body, modelRoot: new Uint8Array(32) }),
      execution: (it) => ({ ...it, modelRoot: new Uint8Array(32) }),
    },
    change: (one) => ({ ...one, expected: { ...one.expected, modelRoot: new Uint8Array(32) } }),
  },
  'runs by rules that are not known': { caught: 'parameters', lies: { execution: (it) => ({ ...it, version: 2 }) } },
  'signs what is not known': { caught: 'signature', lies: { body: (body) => ({ ...body, version: 2 }) } },
  'signs too seldom': { caught: 'sequence', lies: { body: (body) => ({ ...body, sequence: 1 }) } },
  'skips a checkpoint': { caught: 'sequence', lies: { body: (body) => ({ ...body, sequence: body.sequence + 200 }) } },
};

describe('an order that another key signed than that of its account', () => {
  it('is that of the account only as far as a grant is known, and that of who sent it', async () => {
    const random = randomOf(onTestFailed);
    const key = random.bytes(32);
    const one = await exchange(random, { session: key });
    const sessionKey = ed25519Signer(key).publicKey;
    expect(await play(one)).toBe('pass');
    const payerOf = async (expected: Partial<Exchange['expected']>) => {
      const { verdict, checks } = await verifyReceipt(openedOf(one), { ...one.expected, ...expected });
      return [verdict, checks.find(({ name }) => name === 'payer')?.verdict];
    };
    expect(await payerOf({})).toEqual(['partial', 'notChecked']);
    expect(await payerOf({ sessionKey: random.bytes(32) })).toEqual(['partial', 'notChecked']);
    expect(await payerOf({ sessionKey })).toEqual(['pass', 'pass']);
  });
});

describe('a provider that lies is caught by the check of that name', () => {
  for (const [name, { caught, lies, change = (one: Exchange) => one }] of Object.entries(liars)) {
    it(`one that ${name}: ${caught}`, async () => {
      const random = randomOf(onTestFailed);
      for (let i = 0; i < 20; i++) {
        const one = change(await answered(random, lies), await answered(random));
        expect(await play(one)).toBe(caught);
        expect((await judge(openedOf(one), one)).split(' ')).toContain(caught);
      }
    });
  }

  it('one that answers an order of its own, for nothing, instead of the one that it was sent: order', async () => {
    const random = randomOf(onTestFailed);
    for (let i = 0; i < 20; i++) {
      const one = await answered(random, { unpaid: true });
      const { order: sent } = await answered(random);
      expect(await play({ ...one, sent })).toBe('order');
      // where none was sent, nobody pays
      expect(await playUnsent(one)).toBe('pass');
      expect(await playUnsent(await answered(random))).toBe('order');
    }
  });

  it('one that takes back what it counted, or ends in a way that there is not', async () => {
    const random = randomOf(onTestFailed);
    const back = (body: CheckpointBody): CheckpointBody =>
      body.sequence === 1 ? body : { ...body, usage: { ...body.usage, promptTokens: 6 }, fee: body.fee - 3n };
    expect(await play(await answered(random, { body: back }))).toBe('usage');
    const end = (body: CheckpointBody): CheckpointBody => (body.finish === FINISH.none ? body : { ...body, finish: 3 });
    expect(await play(await answered(random, { body: end }))).toBe('final');
  });

  it('one that does not say with which seed it drew', async () => {
    const random = randomOf(onTestFailed);
    const unsaid = ({ parameters: { seed: _, ...parameters }, ...it }: InferenceExecution): InferenceExecution => ({
      ...it,
      parameters,
    });
    for (let i = 0; i < 20; i++) {
      const one = await answered(random, { execution: unsaid });
      if (one.request.kind === MODEL_KIND.chat) expect(await play(one)).toBe('parameters');
    }
  });

  it('one that counts more than an answer can have', () => {
    const parameters = { maxTokens: 200, temperatureMillionths: 0, topPMillionths: 1, stop: [] };
    const shared = { version: 1, modelRoot: new Uint8Array(32), salt: new Uint8Array(0), parameters };
    const chat = { ...shared, kind: MODEL_KIND.chat, messages: [{ role: 'user', content: 'Hello.' }], inputs: [] };
    const embeddings = { ...shared, kind: MODEL_KIND.embeddings, messages: [], inputs: ['Hello.'] };
    const count = (answerTokens: number, request: InferenceRequest, stop: readonly string[] = []) =>
      checkUsage({ promptTokens: 7, answerTokens }, { ...parameters, stop: [...stop] }, request, 10);
    count(26, chat);
    expect(() => count(27, chat)).toThrow(expect.objectContaining({ data: { check: 'usage' } }));
    count(90, chat, ['END']); // what stood before the stop was made, and is not in the answer
    expect(() => count(91, chat, ['END'])).toThrow();
    count(0, embeddings);
    expect(() => count(1, embeddings)).toThrow();
  });

  it('one that hands over a receipt of a version that is not known', async () => {
    const one = await answered(randomOf(onTestFailed));
    const { receipt, ...rest } = openedOf(one);
    const { verdict, checks } = await verifyReceipt({ ...rest, receipt: { ...receipt, version: 2 } }, one.expected);
    expect([verdict, checks.find((check) => check.verdict === 'fail')?.name]).toEqual(['fail', 'chain']);
  });

  it('one that cuts the stream: incomplete', async () => {
    const random = randomOf(onTestFailed);
    for (let i = 0; i < 20; i++) {
      const one = await answered(random);
      const kept = one.checkpoints.slice(0, -1);
      const chunks = one.chunks.slice(0, Math.max(one.chunks.length - 1, kept.at(-1)?.body.chunks ?? 0));
      const cut = { ...one, checkpoints: kept, chunks };
      expect(await play(cut)).toBe('incomplete');
      const checkpoint = cut.checkpoints.at(-1);
      if (checkpoint === undefined) continue;
      const { receipt, request } = openedOf(cut);
      const answer = { chunks: one.chunks.slice(0, checkpoint.body.chunks) };
      expect(await judge({ receipt, ...(request && { request }), answer }, one)).toBe('incomplete');
    }
  });

  it('one that goes on after its end', async () => {
    const one = await answered(randomOf(onTestFailed));
    const { order, execution, request, expected, chunks, checkpoints } = one;
    if (expected.provider === undefined) throw new Error('the provider is not known');
    const verifier = await AnswerVerifier.begin(
      { order, execution, request, sent: order, signer: expected.provider.signer },
      expected,
    );
    let at = 0;
    for (const checkpoint of checkpoints) {
      for (; at < checkpoint.body.chunks; at++) verifier.push(chunks[at] as Uint8Array);
      await verifier.checkpoint(checkpoint);
    }
    expect(() => verifier.push(Uint8Array.of(1))).toThrow(
      expect.objectContaining({ code: 'RECEIPT', data: { check: 'content' } }),
    );
    const last = checkpoints.at(-1) ?? expect.unreachable();
    await expect(verifier.checkpoint(last)).rejects.toMatchObject({ code: 'RECEIPT', data: { check: 'sequence' } });
  });

  it('one that does not sign', async () => {
    const one = await answered(randomOf(onTestFailed));
    const { order, execution, request, expected } = one;
    if (expected.provider === undefined) throw new Error('the provider is not known');
    const verifier = await AnswerVerifier.begin(
      { order, execution, request, sent: order, signer: expected.provider.signer },
      expected,
    );
    for (let i = 0; i < 128; i++) verifier.push(Uint8Array.of(1));
    expect(() => verifier.push(Uint8Array.of(1))).toThrow(expect.objectContaining({ data: { check: 'sequence' } }));
  });
});

describe('a file with a receipt', () => {
  it('with any byte changed is refused, or fails', async () => {
    const random = randomOf(onTestFailed);
    const one = await answered(random);
    const file = encodeReceiptFile(openedOf(one));
    for (let i = 0; i < 200; i++) {
      const bad = Uint8Array.from(file);
      const at = random.below(bad.length);
      bad[at] = (bad[at] ?? 0) ^ (1 + random.below(255));
      expect(() => decodeReceiptFile(bad)).toThrow(expect.objectContaining({ code: 'PARSE' }));
    }
    for (let length = 0; length < file.length; length += 37) expect(() => decodeReceiptFile(file.subarray(0, length))).toThrow();
  });
});

it('a file for auditors opens the receipt, and leaves out the evidence that they do not need', async () => {
  const opened = openedOf(await answered(randomOf(onTestFailed)));
  const kept = { ...opened, grounds: new Uint8Array(90_000).fill(1) };
  const file = encodeForAuditors(kept);
  expect(decodeReceiptFile(file)).toEqual(decodeReceiptFile(encodeReceiptFile(opened)));
  expect(decodeReceiptFile(encodeReceiptFile(kept)).grounds).toEqual(kept.grounds);
});

/** An exchange whose answer has at least 33 pieces, so that there is more than one checkpoint. */
async function answered(random: Random, lies?: Lies): Promise<Exchange> {
  for (;;) {
    const one = await exchange(random, lies);
    if (one.chunks.length > 33) return one;
  }
}

function swapByte(chunks: readonly Uint8Array[]): Uint8Array[] {
  const out = chunks.map((chunk) => Uint8Array.from(chunk));
  const [first] = out;
  if (first !== undefined) first[0] = (first[0] ?? 0) ^ 1;
  return out;
}
