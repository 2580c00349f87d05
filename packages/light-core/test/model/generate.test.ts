import { readFileSync } from 'node:fs';
import {
  concatAll,
  fromBase64,
  MAX_CHAT_MESSAGES,
  MAX_PROMPT_BYTES,
  MAX_STOP_TEXTS,
  PROMPT_TOKENS_PER_STEP,
  toHex,
  utf8,
} from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Generated,
  type GeneratedChunk,
  type GenerationParameters,
  type LanguageModel,
  loadModel,
  type Prompt,
} from '../../src/model/index.ts';
import { tinyFile } from './tiny.ts';

const GREEDY = { temperatureMillionths: 0, topPMillionths: 1_000_000, topK: 4_096, seed: 0 };
const DRAWN = { temperatureMillionths: 1_000_000, topPMillionths: 1_000_000, topK: 40, seed: 7 };
const CODE = 'INVALID_ARGUMENT';

interface Answer extends Generated {
  readonly bytes: Uint8Array;
  readonly chunks: readonly GeneratedChunk[];
}

function answer(model: LanguageModel, prompt: Prompt, parameters: GenerationParameters): Answer {
  const chunks: GeneratedChunk[] = [];
  const run = model.generate(prompt, parameters);
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return { ...step.value, chunks, bytes: concatAll(chunks.map(({ bytes }) => bytes)) };
    chunks.push(step.value);
  }
}

describe('generation', () => {
  const model = loadModel(tinyFile('generate', { context: 256 }));

  it('gives what is stored', () => {
    const vector = JSON.parse(readFileSync(new URL('../../../../tests/vectors/model.json', import.meta.url), 'utf8'));
    const stored = loadModel(fromBase64(vector.weights));
    for (const { prompt, parameters, bytes, finish, usage } of vector.answers) {
      const { chunks: _, ...given } = answer(stored, prompt, parameters);
      expect({ ...given, bytes: toHex(given.bytes) }).toEqual({ bytes, finish, usage });
    }
  });

  it('gives the same again, and other text from another seed', () => {
    const first = answer(model, 'Hello', DRAWN);
    expect(answer(model, 'Hello', DRAWN)).toEqual(first);
    expect(answer(loadModel(tinyFile('generate', { context: 256 })), 'Hello', DRAWN)).toEqual(first);
    expect(answer(model, 'Hello', { ...DRAWN, seed: 8 }).bytes).not.toEqual(first.bytes);
    expect(answer(model, 'Hallo', DRAWN).bytes).not.toEqual(first.bytes);
  });

  it('takes the most likely token at temperature 0, among one, and when it is next to 0', () => {
    const greedy = answer(model, 'Hello', { ...GREEDY, maxTokens: 20 });
    for (const parameters of [
      { ...GREEDY, topK: 40, seed: 5 },
      { ...DRAWN, topK: 1 },
      { ...DRAWN, temperatureMillionths: 1 },
      { ...DRAWN, topPMillionths: 0 },
    ]) {
      expect(answer(model, 'Hello', { ...parameters, maxTokens: 20 })).toEqual(greedy);
    }
  });

  it('counts tokens of prompt and answer, and ends at the limit', () => {
    const { usage, finish, chunks } = answer(model, 'the', { ...GREEDY, maxTokens: 5 });
    expect(usage.promptTokens).toBe(2); // the beginning, and "the"
    expect(usage.completionTokens).toBeLessThanOrEqual(5);
    expect(chunks.at(-1)?.usage).toEqual(usage);
    if (finish === 'length') expect(usage.completionTokens).toBe(5);
  });

  it('fills the context and no more', () => {
    const lengths = fc.integer({ min: 1, max: 62 }); // the sign of the beginning, and one token to say, are in the context too
    const small = loadModel(tinyFile('small'));
    fc.assert(
      fc.property(lengths, fc.nat(), (length, seed) => {
        const { usage, finish } = answer(small, 'x '.repeat(length).slice(0, length), {
          ...DRAWN,
          temperatureMillionths: 2_000_000,
          topK: 4_096,
          seed,
        });
        expect(usage.promptTokens).toBe(length + 1);
        expect(usage.promptTokens + usage.completionTokens).toBeLessThanOrEqual(64);
        if (finish === 'length') expect(usage.promptTokens + usage.completionTokens).toBe(64);
      }),
      { numRuns: 30, examples: [[62, 1]] },
    );
    expect(() => small.generate('x '.repeat(32).slice(0, 63), DRAWN)).toThrow(expect.objectContaining({ code: CODE }));
  });

  it('reads a conversation by its roles', () => {
    const asked: Prompt = [
      { role: 'system', text: 'the' },
      { role: 'user', text: 'the' },
      { role: 'assistant', text: 'the' },
      { role: 'user', text: 'the' },
    ];
    expect(model.count(asked)).toBe(1 + 2 + 2 + 3 + 2 + 1);
    const other = asked.map((message) => ({ ...message, role: 'user' as const }));
    expect(answer(model, asked, GREEDY).bytes).not.toEqual(answer(model, other, GREEDY).bytes);
  });

  it('ends before a stop, wherever its parts come', () => {
    const { bytes } = answer(model, 'Hello', { ...DRAWN, maxTokens: 40 });
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 3),
        fc.integer({ min: 1, max: 6 }),
        fc.uint8Array({ minLength: 1, maxLength: 5 }),
        (at, length, noise) => {
          const stops = [bytes.slice(at, at + length), Uint8Array.from(noise)];
          const cut = answer(model, 'Hello', { ...DRAWN, maxTokens: 40, stops });
          const first = Math.min(...stops.map((stop) => placeOf(stop, bytes)));
          expect(toHex(cut.bytes)).toBe(toHex(bytes.slice(0, first)));
          expect(cut.finish).toBe('stop');
        },
      ),
    );
  });

  it('lets its caller give up while a long prompt is read', () => {
    const run = model.generate('a '.repeat(100), { ...GREEDY, maxTokens: 1 });
    expect(run.next().value).toEqual({ bytes: new Uint8Array(0), usage: { promptTokens: 201, completionTokens: 0 } });
    run.return({ finish: 'stop', usage: { promptTokens: 0, completionTokens: 0 } });
    expect(run.next().done).toBe(true);
    expect(201).toBeGreaterThan(PROMPT_TOKENS_PER_STEP);
  });

  it.for<[what: string, prompt: Prompt, change: Partial<GenerationParameters>]>([
    ['no message', [], {}],
    ['too many messages', Array.from({ length: MAX_CHAT_MESSAGES + 1 }, () => ({ role: 'user' as const, text: '' })), {}],
    ['too long a text', 'x'.repeat(MAX_PROMPT_BYTES + 1), {}],
    ['too many bytes', 'é'.repeat(MAX_PROMPT_BYTES / 2 + 1), {}],
    ['more than the context', 'x '.repeat(200), {}],
    ['a temperature below 0', 'x', { temperatureMillionths: -1 }],
    ['a temperature that is not whole', 'x', { temperatureMillionths: 0.5 }],
    ['too high a temperature', 'x', { temperatureMillionths: 2_000_001 }],
    ['a temperature that is no number', 'x', { temperatureMillionths: Number.NaN }],
    ['a share below 0', 'x', { topPMillionths: -1 }],
    ['more than all', 'x', { topPMillionths: 1_000_001 }],
    ['no token to choose', 'x', { topK: 0 }],
    ['a seed below 0', 'x', { seed: -1 }],
    ['a seed that is not exact', 'x', { seed: 2 ** 53 }],
    ['no token to give', 'x', { maxTokens: 0 }],
    ['half a token to give', 'x', { maxTokens: 0.5 }],
    ['an empty stop', 'x', { stops: [new Uint8Array(0)] }],
    ['a long stop', 'x', { stops: [new Uint8Array(65)] }],
    ['too many stops', 'x', { stops: Array.from({ length: MAX_STOP_TEXTS + 1 }, () => utf8('a')) }],
  ])('is refused at once for %s', ([, prompt, change]) => {
    expect(() => model.generate(prompt, { ...DRAWN, ...change })).toThrow(expect.objectContaining({ code: CODE }));
  });
});

function placeOf(stop: Uint8Array, bytes: Uint8Array): number {
  for (let at = 0; at + stop.length <= bytes.length; at++) if (stop.every((byte, i) => bytes[at + i] === byte)) return at;
  return Number.POSITIVE_INFINITY;
}
