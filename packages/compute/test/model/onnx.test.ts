import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nobleFileHash } from '@perigee/light-core/storage';
import { systemClock } from '@perigee/net';
import { beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../../../scripts/lib/paths.mjs';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import type { EmbeddingModel, Engine } from '../../src/engines/index.ts';
import { modelRootOf } from '../../src/engines/model-root.ts';
import { createOnnxEngine } from '../../src/engines/onnx-engine.ts';
import { FLOAT, INT64, type OnnxGraph, onnxModel } from './onnx-writer.ts';

const packages = at('tests/peers/onnxruntime');
const isInstalled = existsSync(join(packages, 'node_modules'));
const folder = temporaryFolder('onnx');
const { signal } = new AbortController();

const WORDS = ['[UNK]', 'light', 'node', 'checks', 'blocks', 'cat', 'sleeps'];
/** Rows of words that belong together point the same way. */
const TABLE = [
  [0, 0, 0.1],
  [1, 0.1, 0],
  [1, 0.2, 0],
  [0.9, 0, 0.1],
  [1, 0, 0.2],
  [0, 1, 0],
  [0.1, 1, 0],
];
const TOKENIZER = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: null,
  decoder: null,
  model: {
    type: 'WordPiece',
    vocab: Object.fromEntries(WORDS.map((word, i) => [word, i])),
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
  },
};
const TEXTS: OnnxGraph = {
  inputs: ['input_ids', 'attention_mask'].map((name) => ({ name, type: INT64, dims: ['batch', 'sequence'] })),
  outputs: [{ name: 'last_hidden_state', type: FLOAT, dims: ['batch', 'sequence', 3] }],
  nodes: [{ op: 'Gather', inputs: ['table', 'input_ids'], outputs: ['last_hidden_state'] }],
  weights: [{ name: 'table', dims: [WORDS.length, 3], values: Float32Array.from(TABLE.flat()) }],
};
const NUMBERS: OnnxGraph = {
  inputs: [{ name: 'x', type: FLOAT, dims: ['batch', 2] }],
  outputs: [{ name: 'y', type: FLOAT, dims: ['batch', 3] }],
  nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  weights: [{ name: 'w', dims: [2, 3], values: Float32Array.of(1, 2, 3, 10, 20, 30) }],
};

/** Writes a model into a folder of its own. */
async function written(name: string, graph: OnnxGraph | Uint8Array, tokenizer?: object): Promise<string> {
  await mkdir(join(folder, name));
  const path = join(folder, name, `${name}.onnx`);
  await writeFile(path, graph instanceof Uint8Array ? graph : onnxModel(graph));
  if (tokenizer !== undefined) await writeFile(join(folder, name, 'tokenizer.json'), JSON.stringify(tokenizer));
  return path;
}

const start = (path: string, from: string | undefined = packages) =>
  createOnnxEngine({ path, packages: from, clock: systemClock });

async function using(path: string, use: (model: EmbeddingModel) => Promise<void>): Promise<void> {
  const engine: Engine = await start(path);
  try {
    await use(engine.models[0] as EmbeddingModel);
  } finally {
    await engine.close();
  }
}

describe.skipIf(!isInstalled)('ONNX models (npm ci in tests/peers/onnxruntime)', () => {
  let texts: string;
  beforeAll(async () => {
    texts = await written('texts', TEXTS, TOKENIZER);
  });

  it('embed texts through the tokenizer beside them', () =>
    using(texts, async (model) => {
      const file = (name: string, bytes: Uint8Array) => ({ name, bytes });
      const files = [file('model.onnx', onnxModel(TEXTS)), file('tokenizer.json', Buffer.from(JSON.stringify(TOKENIZER)))];
      expect(model).toMatchObject({ id: 'texts', engine: 'onnxruntime-web/1.30.0 wasm', dimensions: 3, contextTokens: 512 });
      expect(model.modelRoot).toEqual(modelRootOf(files, nobleFileHash));
      const inputs = ['A light node checks blocks', 'node light', 'The cat sleeps', '!'];
      const { vectors, promptTokens } = await model.embed(inputs, { signal });
      expect(promptTokens).toBe(5 + 2 + 3 + 1);
      const [a, b, c] = vectors as [Float32Array, Float32Array, Float32Array];
      const dot = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
      for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 5);
      expect(dot(a, b)).toBeGreaterThan(0.95);
      expect(dot(a, c)).toBeLessThan(0.4);
      const mean = [(1 + 1) / 2, (0.1 + 0.2) / 2, 0];
      expect([...b].map((value) => value * Math.hypot(...mean))).toEqual(mean.map((value) => expect.closeTo(value, 5)));
      await expect(model.embed(['node '.repeat(600)], { signal })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      await expect(model.embed(['n'.repeat(9_000)], { signal })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }));

  it('compute on numbers where there is no tokenizer', async () => {
    const numbers = await written('numbers', NUMBERS);
    await using(numbers, async (model) => {
      expect(model.modelRoot).toEqual(modelRootOf([{ name: '', bytes: onnxModel(NUMBERS) }], nobleFileHash));
      const { vectors } = await model.embed(['[1, 0]', '[0.5, 2]'], { signal });
      expect(vectors.map((vector) => [...vector])).toEqual([
        [1, 2, 3],
        [20.5, 41, 61.5],
      ]);
      for (const input of ['[1]', '[1, "2"]', 'words', `${'['.repeat(60_000)}`, '[1e999, 0]', '{}']) {
        await expect(model.embed([input], { signal })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      }
    });
  });

  it('are refused in words where they cannot be run', async () => {
    const unknown: OnnxGraph = { ...NUMBERS, nodes: [{ op: 'Frobnicate', inputs: ['x', 'w'], outputs: ['y'] }] };
    await expect(start(await written('unknown', unknown))).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('Frobnicate'),
    });
    await expect(start(await written('none', Buffer.from('no model')))).rejects.toMatchObject({ code: 'PARSE' });
    await expect(start(join(folder, 'nowhere.onnx'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(start(folder)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(start(await written('otherwise', TEXTS))).rejects.toMatchObject({ code: 'UNSUPPORTED' }); // no tokenizer
    await expect(start(await written('odd', TEXTS, { model: 7 }))).rejects.toMatchObject({ code: 'PARSE' });
    await expect(start(await written('pixels', NUMBERS, TOKENIZER))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('are not answered with when their file is another than when they were registered', async () => {
    const path = await written('changing', NUMBERS);
    await using(path, async (model) => {
      await writeFile(
        path,
        onnxModel({ ...NUMBERS, weights: [{ name: 'w', dims: [2, 3], values: Float32Array.of(1, 2, 3, 10, 20, 31) }] }),
      );
      await expect(model.embed(['[1, 0]'], { signal })).rejects.toMatchObject({ code: 'REFUSED' });
    });
  });
});

it('an ONNX model says what to install where its runtime is not there', async () => {
  await mkdir(join(folder, 'bare'));
  const engine = createOnnxEngine({ path: join(folder, 'model.onnx'), packages: '/', clock: systemClock });
  await expect(engine).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('npm install onnxruntime-web@1.30.0'),
  });
});
