import { loadModel } from '@perigee/light-core/model';
import { concatAll, fromBase64, toHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import tiny from '../../../../tests/vectors/model.json' with { type: 'json' };
import {
  type ChatModel,
  createInt8Engine,
  type DrawParameters,
  type Engine,
  type GeneratedPiece,
} from '../../src/engines/index.ts';
import { answer } from './answers.ts';

const FILE = fromBase64(tiny.weights);
const MESSAGES = [{ role: 'user', content: 'What is the root?' }];
const PARAMETERS: DrawParameters = {
  maxTokens: 40,
  temperatureMillionths: 1_500_000,
  topPMillionths: 900_000,
  seed: 5,
  stop: [],
};

describe('the int8 engine', () => {
  let engine: Engine;
  let model: ChatModel;
  beforeAll(async () => {
    engine = await createInt8Engine({ files: [FILE], workers: 2 });
    model = engine.models[0] as ChatModel;
  });
  afterAll(() => engine.close());

  async function ask(
    parameters = PARAMETERS,
    messages = MESSAGES,
    signal = new AbortController().signal,
  ): Promise<GeneratedPiece[]> {
    const pieces: GeneratedPiece[] = [];
    for await (const piece of model.generate(messages, parameters, { signal })) pieces.push(piece);
    return pieces;
  }

  it('says what it runs', () => {
    const { modelRoot, ...info } = model;
    expect(info).toMatchObject({
      kind: 'chat',
      id: 'tiny',
      engine: 'int8/1',
      contextTokens: 64,
      maxAnswerTokens: 64,
      reproducible: true,
      concurrency: 2,
    });
    expect(toHex(modelRoot)).toBe(tiny.modelRoot);
  });

  it('answers in its workers as the model does here, many at once', async () => {
    const prompt = [{ role: 'user' as const, text: 'What is the root?' }];
    const expected = (seed: number) => answer(loadModel(FILE), prompt, { ...PARAMETERS, topK: 4_096, seed });
    const seeds = [0, 1, 2, 3, 4, 5];
    const answers = await Promise.all(seeds.map((seed) => ask({ ...PARAMETERS, seed })));
    for (const [i, pieces] of answers.entries()) {
      const { bytes, usage, finish } = expected(seeds[i] as number);
      expect(toHex(concatAll(pieces.map((piece) => piece.bytes)))).toBe(toHex(bytes));
      expect(pieces.at(-1)?.finish).toBe(finish);
      expect(pieces.at(-1)?.usage).toEqual({ promptTokens: usage.promptTokens, answerTokens: usage.completionTokens });
      for (const piece of pieces.slice(0, -1)) expect([piece.bytes.length > 0, piece.finish]).toEqual([true, undefined]);
    }
  });

  it('ends before a text to stop at', async () => {
    const whole = concatAll((await ask()).map(({ bytes }) => bytes));
    const at = whole.findIndex((byte, i) => byte < 0x80 && i > 3);
    const stop = [String.fromCharCode(whole[at] as number)];
    const cut = await ask({ ...PARAMETERS, stop });
    expect(toHex(concatAll(cut.map(({ bytes }) => bytes)))).toBe(toHex(whole.slice(0, whole.indexOf(whole[at] as number))));
    expect(cut.at(-1)?.finish).toBe('stop');
  });

  it('ends soon after its caller gave up, and answers others', async () => {
    const controller = new AbortController();
    const run = model.generate(MESSAGES, PARAMETERS, { signal: controller.signal })[Symbol.asyncIterator]();
    await run.next();
    controller.abort();
    await expect(run.next()).rejects.toMatchObject({ code: 'ABORTED' });
    expect((await ask()).at(-1)?.finish).toBeDefined();
  });

  it('counts a prompt before it runs as it does when it has run', async () => {
    const conversations = [
      MESSAGES,
      [
        { role: 'system', content: 'Be short.' },
        ...MESSAGES,
        { role: 'assistant', content: 'Yes.' },
        { role: 'user', content: 'é 7' },
      ],
      [{ role: 'user', content: '' }],
    ];
    for (const messages of conversations) {
      expect(await model.countPrompt?.({ messages, inputs: [] })).toBe(
        (await ask(PARAMETERS, messages)).at(-1)?.usage.promptTokens,
      );
    }
    for (const content of ['x '.repeat(64), 'x'.repeat(200_000)]) {
      const messages = [{ role: 'user', content }];
      expect(() => model.countPrompt?.({ messages, inputs: [] })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });

  it('refuses a prompt that leaves no room, and a role that it does not know', async () => {
    await expect(ask(PARAMETERS, [{ role: 'user', content: 'x '.repeat(64) }])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(ask(PARAMETERS, [{ role: 'tool', content: 'x' }])).rejects.toThrow(/role "tool"/);
  });

  it('refuses a file that is none of weights', async () => {
    await expect(createInt8Engine({ files: [FILE.slice(1)], workers: 1 })).rejects.toMatchObject({ code: 'PARSE' });
  });
});
