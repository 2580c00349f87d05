import { readFileSync } from 'node:fs';
import { parseWeights, scalarMatrices } from '@perigee/light-core/model';
import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { bigramBaseline } from '../../src/training/baseline.ts';
import { makeCorpus } from '../../src/training/corpus.ts';
import { parseFacts } from '../../src/training/facts.ts';
import { type ModelRecord, makeModel, PLAN, type TrainingPlan } from '../../src/training/index.ts';
import { integerBits } from '../../src/training/integer-bits.ts';
import { TrainingKernel } from '../../src/training/kernel.ts';
import { quantise } from '../../src/training/quantise.ts';
import { TrainingRandom } from '../../src/training/random.ts';
import { parameterCount } from '../../src/training/shape.ts';
import { train } from '../../src/training/train.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));
const TEXTS = { facts: read('training/facts.txt').toString(), prose: read('training/prose.txt').toString() };
/** Enough for a few steps. */
const FEW = { ...TEXTS, prose: TEXTS.prose.slice(0, 20_000) };
const SHORT: TrainingPlan = {
  shape: { vocabulary: 288, width: 32, layers: 2, heads: 2, inner: 64, length: 64, slopes: [2, 31] },
  seed: 1,
  steps: 12,
  batch: 4,
  chatPercent: 50,
  conversations: 40,
  rate: 0.01,
  warmup: 4,
  cooldown: 6,
  decay: 0.05,
};
const OPTIONS = { seed: SHORT.seed, vocabulary: SHORT.shape.vocabulary, conversations: SHORT.conversations };

describe('a training', () => {
  const corpus = makeCorpus(FEW, OPTIONS);

  it('gives the same weights from the same seed, with one thread and with two', async () => {
    const run = (seed: number, threads: number) => makeModel('short', { ...SHORT, seed, steps: 6 }, FEW, { threads });
    const [one, two, other] = [await run(1, 1), await run(1, 2), await run(2, 2)];
    expect(toHex(two.file)).toBe(toHex(one.file));
    expect(two.record).toEqual(one.record);
    expect(other.record.sha256).not.toBe(one.record.sha256);
  }, 180_000);

  it('lowers the bits of kept text, and integers lose little of it', async () => {
    const untrained = await train({ ...SHORT, steps: 0 }, corpus, { threads: 1 });
    const before = untrained.evaluate(corpus.kept.chat);
    const seen: number[] = [];
    const kernel = await train(SHORT, corpus, { threads: 1, progress: (step) => seen.push(step) });
    expect(seen).toEqual(Array.from({ length: SHORT.steps }, (_, i) => i + 1));
    const after = kernel.evaluate(corpus.kept.chat);
    expect(after).toBeLessThan(0.9 * before);
    const file = quantise(kernel.parameters, SHORT.shape, { name: 'short', merges: corpus.merges, context: 128 });
    expect(integerBits(file, scalarMatrices, corpus.kept.chat) / after).toBeCloseTo(1, 2);
  });

  it('follows the gradient of the loss', async () => {
    const { shape } = SHORT;
    const kernel = await TrainingKernel.load(shape);
    const random = new TrainingRandom(3);
    for (let i = 0; i < kernel.parameters.length; i++) kernel.parameters[i] = 0.15 * random.normal();
    kernel.prepare();
    const tokens = corpus.training.prose.slice(0, shape.length + 1);
    expect(kernel.learn([tokens], 1)).toBe(kernel.evaluate(tokens));
    const gradients = kernel.gradients.slice();
    const scale = Math.max(...gradients.map(Math.abs));
    for (let i = 0; i < 60; i++) {
      const at = random.below(parameterCount(shape));
      const value = kernel.parameters[at] as number;
      const bitsAt = (moved: number): number => {
        kernel.parameters[at] = moved;
        kernel.prepare();
        return kernel.evaluate(tokens);
      };
      const slope = (bitsAt(value + 0.01) - bitsAt(value - 0.01)) / 0.02;
      bitsAt(value);
      expect(Math.abs(slope - (gradients[at] as number))).toBeLessThan(0.01 * scale);
    }
  });

  it('keeps questions apart that it is not trained on', () => {
    const { tokenizer, training, kept } = corpus;
    const questions = (tokens: Int32Array): Set<string> => {
      const texts = [...tokens].map((token) =>
        token >= 256 && token < 261 ? `<${token}>` : Buffer.from(tokenizer.bytesOf(token)).toString('latin1'),
      );
      return new Set([...texts.join('').matchAll(/<259>(.*?)<260>/g)].map(([, question]) => question ?? ''));
    };
    const trained = questions(training.chat);
    expect([...questions(kept.chat)].filter((question) => trained.has(question))).toEqual([]);
    expect(questions(kept.chat).size).toBeGreaterThan(10);
  });

  it('refuses facts that are none', () => {
    for (const text of ['a|b', '[define]\nno answer', '[capital]\nFrance']) {
      expect(() => parseFacts(text)).toThrow(expect.objectContaining({ code: 'PARSE' }));
    }
  });

  it('refuses a batch that cannot be shared out', async () => {
    await expect(train({ ...SHORT, batch: 5 }, corpus, { threads: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

it('the baseline gives all tokens together the probability 1', () => {
  const bits = bigramBaseline(Int32Array.of(0, 1, 0, 1, 2, 0, 1), 4);
  for (const previous of [0, 1, 2, 3]) {
    const sum = [0, 1, 2, 3].reduce((total, next) => total + 2 ** -bits(Int32Array.of(previous, next)), 0);
    expect(sum).toBeCloseTo(1, 9);
  }
});

describe('the committed model', () => {
  const record = JSON.parse(read('models/perigee-1.json').toString()) as ModelRecord;
  const file = read('models/perigee-1.weights');

  it('is small, has enough parameters, and predicts kept text better than pairs of tokens do', () => {
    expect(file.length).toBe(record.bytes);
    expect(file.length).toBeLessThanOrEqual(512 * 1024);
    expect(record.parameters).toBeGreaterThanOrEqual(200_000);
    expect(parseWeights(file)).toMatchObject({ name: 'perigee-1', shape: { context: 2_048, reach: 256 } });
    for (const { bigram, int8 } of Object.values(record.bitsPerByte)) expect(int8).toBeLessThan(bigram);
  });

  it.skipIf(process.env.PERIGEE_LONG === undefined)(
    'comes out of its training again',
    async () => {
      const made = await makeModel(record.name, PLAN, TEXTS, { threads: 2 });
      expect(made.record).toEqual(record);
      expect(Buffer.compare(made.file, file)).toBe(0);
    },
    4 * 3_600_000,
  );
});
