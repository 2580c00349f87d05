import { failedCheckOf, maxPromptTokens, verifyReceipt } from '@perigee/light-core/receipt';
import { createHost, createStopController, cryptoRandomBytes, open, systemClock } from '@perigee/net';
import { inferenceProtocol } from '@perigee/net/inference';
import {
  ANSWER_READ_MS,
  FINISH,
  type InferenceFrame,
  MAX_ANSWER_BYTES,
  MAX_EMBEDDING_DIMENSIONS,
  MAX_OPEN_ANSWERS_PER_CALLER,
  MAX_OPEN_UNPAID_ANSWERS,
  MIN_SETTLE_BLOCKS,
  PerigeeError,
  SETTLE_BEFORE_BLOCKS,
} from '@perigee/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import type { ChatModel, EmbeddingModel } from '../../src/engines/index.ts';
import { type PaidLedger, type ProviderEvent, serveInference } from '../../src/provider/index.ts';
import { CHAIN, chatRequest, embeddingsRequest, expected, HEIGHT, orderFor, serving, verified } from './serving.ts';
import { countingModel, letterModel } from './small-models.ts';

const caller = { name: 'test', signal: createStopController().signal };
const ledgers: PaidLedger[] = [];

async function start(...[options]: [Parameters<typeof serving>[1]?]) {
  const served = await serving(temporaryFolder('provider'), options);
  ledgers.push(served.ledger);
  return served;
}
afterEach(async () => {
  for (const ledger of ledgers.splice(0)) await ledger.close();
});

const failed = (events: AsyncIterable<ProviderEvent>): Promise<string | undefined> =>
  drain(events).then(
    () => 'nothing',
    (error) => failedCheckOf(error) ?? PerigeeError.from(error).code,
  );

async function drain(events: AsyncIterable<ProviderEvent>): Promise<void> {
  for await (const _ of events);
}

describe('a provider', () => {
  it('answers what is paid for, and its receipts hold as a stream, in a file and on its disk', async () => {
    const { provider, ledger } = await start();
    for (const request of [chatRequest(100), embeddingsRequest(['The nearest point.', 'Bread.'])]) {
      const order = await orderFor(request);
      const { verdict, opened, text } = await verified(provider.answer(request, order, caller), request, order);
      expect(verdict).toBe('pass');
      expect((await verifyReceipt(opened, { ...expected, modelRoot: request.modelRoot })).verdict).toBe('pass');
      expect(await ledger.receipts()).toContainEqual(opened.receipt);
      if (request.messages.length > 0) expect(text).toHaveLength(100);
    }
    expect(provider.open).toBe(0);
  });

  it('refuses an order that is not for exactly this, by name', async () => {
    const { provider } = await start();
    const request = chatRequest();
    const other = chatRequest();
    const ask = async (changed: Parameters<typeof orderFor>[1]) =>
      failed(provider.answer(request, await orderFor(request, changed), caller));
    expect(await ask({ provider: new Uint8Array(20) })).toBe('provider');
    expect(await ask({ modelRoot: new Uint8Array(32) })).toBe('model');
    expect(await failed(provider.answer(request, await orderFor(other), caller))).toBe('request');
    expect(await ask({ expiryHeight: HEIGHT + 1 })).toBe('expiry');
    expect(await ask({ expiryHeight: HEIGHT + 601 })).toBe('expiry');
    expect(await ask({ maxFee: 110n })).toBe('fee');
    const order = await orderFor(request);
    expect(await failed(provider.answer(request, { body: order.body }, caller))).toBe('payer');
    expect(await failed(provider.answer(request, undefined, caller))).toBe('payer');
    expect(await failed(provider.answer({ ...request, modelRoot: new Uint8Array(32) }, order, caller))).toBe('NOT_FOUND');
    expect(await failed(provider.answer({ ...request, kind: 9 }, order, caller))).toBe('INVALID_ARGUMENT');
    await drain(provider.answer(request, order, caller));
    expect(await failed(provider.answer(request, order, caller))).toBe('nonce');
  });

  it('has no timer left of answers that have ended, however they did', async () => {
    let running = 0;
    const clock = {
      now: systemClock.now,
      sleep(ms: number, until?: AbortSignal) {
        running++;
        return systemClock.sleep(ms, until).finally(() => {
          running--;
        });
      },
    };
    const { provider } = await start({ clock });
    const request = chatRequest(100);
    const order = await orderFor(request);
    await drain(provider.answer(request, order, caller));
    expect(await failed(provider.answer(request, order, caller))).toBe('nonce');
    const left = chatRequest(100);
    for await (const event of provider.answer(left, await orderFor(left), caller)) if ('chunk' in event) break;
    await eventually(() => expect(running).toBe(0));
  });

  it('gives nothing out before the order is on its disk, and runs no model for one that was taken', async () => {
    let runs = 0;
    const model = letterModel();
    const chat: ChatModel = {
      ...model,
      generate(...given) {
        runs++;
        return model.generate(...given);
      },
    };
    const { provider, ledger } = await start({ chat });
    let written = (): void => {};
    const write = new Promise<void>((resolve) => {
      written = resolve;
    });
    const { provider: slow } = await start({
      chat,
      ledger: {
        keep: (receipt) => ledger.keep(receipt),
        async begin(order, onFree) {
          await ledger.begin(order, onFree);
          await write;
        },
      },
    });
    const request = chatRequest(100);
    const order = await orderFor(request);
    let came = 0;
    const reading = (async () => {
      for await (const _ of slow.answer(request, order, caller)) came++;
    })();
    await eventually(() => expect(runs).toBe(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(came).toBe(0);
    written();
    await reading;
    expect(came).toBeGreaterThan(100);
    expect(await failed(provider.answer(request, order, caller))).toBe('nonce');
    expect(runs).toBe(1);
  });

  it('ends an answer before it costs more than was allowed', async () => {
    const { provider } = await start();
    const request = chatRequest(500);
    const order = await orderFor(request, { maxFee: 100n + 3n * 21n + 5n * 40n });
    const { verdict, text, opened } = await verified(provider.answer(request, order, caller), request, order);
    expect(verdict).toBe('pass');
    expect(text).toHaveLength(40);
    expect(opened.receipt.checkpoint.body.fee).toBe(order.body.maxFee);
  });

  it('takes no order that can be settled later than its payer can take everything back', async () => {
    const { provider } = await start({ chain: { ...CHAIN, unlockBlocks: 200 } });
    const request = chatRequest(3);
    const until = (expiryHeight: number) => orderFor(request, { expiryHeight });
    expect(await failed(provider.answer(request, await until(HEIGHT + 201), caller))).toBe('expiry');
    await drain(provider.answer(request, await until(HEIGHT + 200), caller));
  });

  it('runs no model for an order that does not pay for the prompt, and takes no nonce of it', async () => {
    for (const counts of [true, false]) {
      let runs = 0;
      const { countPrompt, ...letters } = letterModel();
      const chat: ChatModel = {
        ...letters,
        ...(counts && countPrompt && { countPrompt }),
        generate(...of) {
          runs++;
          return letters.generate(...of);
        },
      };
      const { provider, ledger } = await start({ chat });
      const request = chatRequest(5);
      const least = 100n + 3n * BigInt(counts ? 21 : maxPromptTokens(request)) + 5n;
      const nonce = new Uint8Array(16).fill(1);
      expect(await failed(provider.answer(request, await orderFor(request, { maxFee: least - 1n, nonce }), caller))).toBe('fee');
      expect([runs, await ledger.receipts()]).toEqual([0, []]);
      await drain(provider.answer(request, await orderFor(request, { maxFee: least, nonce }), caller));
      expect(runs).toBe(1);
    }
  });

  it('has signed for the prompt before it gives a piece, and for every piece that it gave when its reader goes or its model fails', async () => {
    for (const end of ['reader', 'model']) {
      const letters = letterModel({ delayMs: 1 });
      const stop = new AbortController();
      const { provider, ledger } = await start({
        chat: {
          ...letters,
          async *generate(...of) {
            let given = 0;
            for await (const piece of letters.generate(...of)) {
              yield piece;
              if (++given < 10) continue;
              if (end === 'model') throw new PerigeeError('OUT_OF_MEMORY', 'the model has no memory left');
              stop.abort();
            }
          },
        },
      });
      const request = chatRequest(500);
      const order = await orderFor(request);
      let chunks = 0;
      const read = async (): Promise<void> => {
        for await (const event of provider.answer(request, order, { name: 'gone', signal: stop.signal })) {
          if (!('chunk' in event)) continue;
          chunks++;
          const [kept] = await ledger.receipts();
          expect(kept?.checkpoint.body.fee).toBeGreaterThanOrEqual(100n + 3n * 21n);
        }
      };
      const broken = await read().catch((error) => PerigeeError.from(error).code);
      expect(broken).toBe(end === 'model' ? 'OUT_OF_MEMORY' : 'ABORTED');
      await eventually(() => expect(provider.open).toBe(0));
      const [receipt] = await ledger.receipts();
      const { body } = receipt?.checkpoint ?? expect.unreachable();
      expect(body).toMatchObject({ chunks: 10, finish: FINISH.none, usage: { promptTokens: 21, answerTokens: 10 } });
      expect(body.fee).toBe(100n + 3n * 21n + 5n * 10n);
      expect(chunks).toBeLessThanOrEqual(10);
    }
  });

  it('has room for who pays, however many ask for nothing', async () => {
    const { provider } = await start({ allowUnpaid: true });
    const idle: AsyncGenerator<ProviderEvent>[] = [];
    for (let i = 0; i < MAX_OPEN_UNPAID_ANSWERS; i++) {
      const events = provider.answer(chatRequest(1), undefined, { name: `idle ${i % 4}`, signal: caller.signal });
      await events.next();
      idle.push(events);
    }
    expect(await failed(provider.answer(chatRequest(1), undefined, caller))).toBe('BUSY');
    const request = chatRequest(3);
    await drain(provider.answer(request, await orderFor(request), caller));
    for (const events of idle) await events.return(undefined);
    await drain(provider.answer(chatRequest(1), undefined, caller));
  });

  it('answers unpaid requests only where its operator says so', async () => {
    const { provider, ledger } = await start({ allowUnpaid: true });
    const request = chatRequest();
    const { verdict } = await verified(provider.answer(request, undefined, caller), request);
    expect(verdict).toBe('pass');
    expect(await ledger.receipts()).toEqual([]);
  });

  it('signs within a second of the first piece, however slow the model is', async () => {
    const { provider } = await start({ chat: letterModel({ delayMs: 700 }) });
    const request = chatRequest(6);
    const order = await orderFor(request);
    const { verdict, opened } = await verified(provider.answer(request, order, caller), request, order);
    expect(verdict).toBe('pass');
    expect(opened.receipt.checkpoint.body.sequence).toBeGreaterThan(2);
  });

  it('is held up by nobody who opens an answer and does not read it, and bounds how many one has open', async () => {
    const { provider } = await start({ allowUnpaid: true });
    const idle: AsyncGenerator<ProviderEvent>[] = [];
    for (let i = 0; i < MAX_OPEN_ANSWERS_PER_CALLER; i++) {
      const events = provider.answer(chatRequest(20), undefined, { name: 'idle', signal: caller.signal });
      await events.next(); // the opening, and no more
      idle.push(events);
    }
    expect(await failed(provider.answer(chatRequest(20), undefined, { name: 'idle', signal: caller.signal }))).toBe('BUSY');
    const request = chatRequest(20);
    expect((await verified(provider.answer(request, undefined, caller), request)).verdict).toBe('pass');
    for (const events of idle) await events.return(undefined);
    expect(provider.open).toBe(0);
  });

  it('has what it is owed settled as soon as it has signed for all of it, whether or not it is read', async () => {
    let released = 0;
    const { provider, ledger } = await start({ admit: async () => ({ stakeClass: 0, release: () => released++ }) });
    const request = chatRequest(20);
    const events = provider.answer(request, await orderFor(request), caller);
    await events.next(); // the opening, and no more
    await eventually(() => expect(released).toBe(1));
    expect((await ledger.receipts()).map(({ checkpoint }) => checkpoint.body.finish)).toEqual([FINISH.length]);
    expect(provider.open).toBe(1);
    await events.return(undefined);
    expect([released, provider.open]).toEqual([1, 0]);
  });

  it('gives an answer up that is made and read too slowly to its end', async () => {
    let late = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + late };
    const { provider } = await start({ allowUnpaid: true, clock });
    const request = chatRequest(20);
    const slow = provider.answer(request, undefined, caller);
    await slow.next();
    await drain(provider.answer(request, undefined, caller)); // the model is free
    late = ANSWER_READ_MS / 2;
    expect((await slow.next()).done).toBe(false);
    late = ANSWER_READ_MS + 1;
    await expect(slow.next()).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(provider.open).toBe(0);
  });

  it('takes no money for more vectors than an answer can have', async () => {
    const dimensions = MAX_EMBEDDING_DIMENSIONS;
    const chat: EmbeddingModel = {
      ...countingModel,
      modelRoot: new Uint8Array(32).fill(8),
      dimensions,
      embed: async (inputs) => ({ vectors: inputs.map(() => new Float32Array(dimensions)), promptTokens: inputs.length }),
    };
    const { provider, ledger } = await start({ chat });
    const most = MAX_ANSWER_BYTES / (4 * dimensions);
    const ask = async (count: number) => {
      const request = { ...embeddingsRequest(Array.from({ length: count }, () => 'a')), modelRoot: chat.modelRoot };
      return failed(provider.answer(request, await orderFor(request), caller));
    };
    expect(await ask(most + 1)).toBe('INVALID_ARGUMENT');
    expect(await ledger.receipts()).toEqual([]);
    expect(await ask(most)).toBe('nothing');
  });

  it('breaks an answer off while there are blocks left to settle its order in', async () => {
    let height = HEIGHT;
    const letters = letterModel();
    const { provider, ledger } = await start({
      height: () => height,
      chat: {
        ...letters,
        async *generate(...of) {
          let given = 0;
          for await (const piece of letters.generate(...of)) {
            yield piece;
            if (++given === 10) height += MIN_SETTLE_BLOCKS - SETTLE_BEFORE_BLOCKS + 1;
          }
        },
      },
    });
    const request = chatRequest(500);
    const order = await orderFor(request, { expiryHeight: HEIGHT + MIN_SETTLE_BLOCKS });
    expect(await failed(provider.answer(request, order, caller))).toBe('TIMEOUT');
    const [receipt] = await ledger.receipts();
    expect(receipt?.checkpoint.body).toMatchObject({ chunks: 10, finish: FINISH.none });
  });

  it('stops its model when the reader goes', async () => {
    const { provider } = await start({ allowUnpaid: true, chat: letterModel({ delayMs: 5 }) });
    const stop = new AbortController();
    const events = provider.answer(chatRequest(1_000), undefined, { name: 'gone', signal: stop.signal });
    await events.next();
    await events.next();
    stop.abort();
    expect(await failed(events)).toBe('ABORTED');
    const request = chatRequest(3);
    expect((await verified(provider.answer(request, undefined, caller), request)).verdict).toBe('pass');
  });

  it('answers over libp2p', async () => {
    const { provider } = await start();
    const server = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
    const host = await createHost({ allowPrivate: true });
    try {
      await serveInference(server, provider, { clock: systemClock, random: cryptoRandomBytes });
      const client = open(host, { peerId: server.peerId, multiaddrs: server.multiaddrs() }, inferenceProtocol);
      expect((await client.callOne({})).models.map(({ id }) => id)).toEqual(['letters', 'counts']);
      const request = chatRequest(200);
      const order = await orderFor(request);
      const { verdict, text } = await verified(eventsOf(client.call({ request, order })), request, order);
      expect(verdict).toBe('pass');
      expect(text).toHaveLength(200);
      await expect(client.callOne({ request, order })).rejects.toMatchObject({ code: 'ORDER' });
    } finally {
      await host.stop();
      await server.stop();
    }
  });
});

async function* eventsOf(frames: AsyncIterable<InferenceFrame>): AsyncGenerator<ProviderEvent> {
  for await (const { opening, chunk, checkpoint } of frames) {
    if (opening !== undefined) yield { opening };
    else if (chunk !== undefined) yield { chunk };
    else if (checkpoint !== undefined) yield { checkpoint };
  }
}
