import { open } from 'node:fs/promises';
import {
  equal,
  MAX_EMBEDDING_DIMENSIONS,
  MAX_ONNX_BYTES,
  MAX_ONNX_TOKENS,
  MAX_ONNX_UNITS,
  MAX_TOKENIZER_BYTES,
  PerigeeError,
  toHex,
  utf8,
} from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import { type EmbeddingJobs, embedInSteps } from './embedding-worker.ts';
import { modelRootOf } from './model-root.ts';
import type { OnnxRuntime, OnnxSession, OnnxTensor, TextTokenizer } from './onnx-runtime.ts';
import { type PackageFolder, requireFrom, resolveIn } from './operator-package.ts';

const RUNTIME = { name: 'onnxruntime-web', version: '1.30.0' };
const TOKENIZERS = { name: '@huggingface/tokenizers', version: '0.2.0' };
/** Nothing of the runtime's own on the error stream: what it says is in the error. */
const QUIET = { logSeverityLevel: 4 } as const;
const MAX_WORDS = 300;
/** Names under which files stand in the pack, whatever they are called on the disk. */
const [MODEL, TOKENIZER, TOKENIZER_CONFIG] = ['model.onnx', 'tokenizer.json', 'tokenizer_config.json'];

export interface OnnxFiles {
  readonly model: string;
  readonly tokenizer: string;
  readonly tokenizerConfig: string;
  readonly packages: PackageFolder;
}

/** A vector for each text, and how many tokens they had. */
type Embed = (text: string) => Promise<{ readonly vector: Float32Array<ArrayBuffer>; readonly tokens: number }>;

interface LoadedOnnx {
  readonly modelRoot: Uint8Array;
  readonly embed: Embed;
  /** What may be asked of any such model. */
  readonly probe: string;
}

/** The jobs of a worker that runs an ONNX model. */
export function createOnnxJobs() {
  let loaded: Promise<LoadedOnnx> | undefined;
  return {
    async find({ files }) {
      const { modelRoot, embed, probe } = await load(files);
      const { length } = (await embed(probe)).vector;
      if (length < 1 || length > MAX_EMBEDDING_DIMENSIONS) {
        const words = `${files.model} gives ${length} numbers for a text; 1 to ${MAX_EMBEDDING_DIMENSIONS} are served`;
        throw new PerigeeError('UNSUPPORTED', words);
      }
      return { modelRoot, contextTokens: MAX_ONNX_TOKENS, dimensions: length };
    },

    async embed({ files, modelRoot, inputs }, { signal }) {
      return embedInSteps(inputs, signal, async (texts) => {
        loaded ??= load(files);
        const model = await loaded.catch((error: unknown) => {
          loaded = undefined;
          throw error;
        });
        if (!equal(model.modelRoot, modelRoot)) {
          const words = `${files.model} has the root ${toHex(model.modelRoot)} now; the model that is served has ${toHex(modelRoot)}`;
          throw new PerigeeError('REFUSED', words);
        }
        const vectors: Float32Array<ArrayBuffer>[] = [];
        let promptTokens = 0;
        for (const text of texts) {
          const { vector, tokens } = await model.embed(text);
          vectors.push(vector);
          promptTokens += tokens;
        }
        return { vectors, promptTokens };
      });
    },
  } satisfies EmbeddingJobs<OnnxFiles>;
}

/** @throws NOT_FOUND, INVALID_ARGUMENT, PARSE, UNSUPPORTED */
async function load({ model, tokenizer, tokenizerConfig, packages }: OnnxFiles): Promise<LoadedOnnx> {
  resolveIn(packages, RUNTIME.name, RUNTIME.version);
  const bytes = await readBounded(model, MAX_ONNX_BYTES);
  if (bytes === undefined) throw new PerigeeError('NOT_FOUND', `there is no ONNX model at ${model}`);
  const vocabulary = await readBounded(tokenizer, MAX_TOKENIZER_BYTES);
  const config = vocabulary && (await readBounded(tokenizerConfig, MAX_TOKENIZER_BYTES));
  const files = [
    { name: MODEL, bytes },
    ...(vocabulary === undefined ? [] : [{ name: TOKENIZER, bytes: vocabulary }]),
    ...(config === undefined ? [] : [{ name: TOKENIZER_CONFIG, bytes: config }]),
  ].map(({ name = '', bytes: file }) => ({ name, bytes: file }));
  const modelRoot = modelRootOf(files, await loadFileHasher());
  const runtime = requireFrom(packages)(RUNTIME.name) as OnnxRuntime;
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.proxy = false;
  const session = await runtime.InferenceSession.create(bytes, { executionProviders: ['wasm'], ...QUIET }).catch(
    (cause: unknown) => {
      const words = wordsOf(cause);
      const code = /No Op registered|not implemented|NOT_IMPLEMENTED|ERROR_CODE: 9\b/i.test(words) ? 'UNSUPPORTED' : 'PARSE';
      throw new PerigeeError(code, `${model} cannot be run: ${words}`, { cause });
    },
  );
  if (vocabulary === undefined) return { modelRoot, ...tensorModel(model, session, runtime) };
  resolveIn(packages, TOKENIZERS.name, TOKENIZERS.version);
  const { Tokenizer } = requireFrom(packages)(TOKENIZERS.name) as {
    readonly Tokenizer: new (file: unknown, config: unknown) => TextTokenizer;
  };
  const made = (): TextTokenizer =>
    new Tokenizer(jsonOf(vocabulary, tokenizer), config === undefined ? {} : jsonOf(config, tokenizerConfig));
  return { modelRoot, embed: textModel(model, session, runtime, refusing(tokenizer, made)), probe: 'a' };
}

/** A model whose inputs are token ids. @throws UNSUPPORTED when it has others */
function textModel(name: string, session: OnnxSession, { Tensor }: OnnxRuntime, tokenizer: TextTokenizer): Embed {
  const known = ['input_ids', 'attention_mask', 'token_type_ids'];
  const other = session.inputNames.find((input) => !known.includes(input));
  if (other !== undefined || !session.inputNames.includes('input_ids')) {
    throw new PerigeeError(
      'UNSUPPORTED',
      `${name} has the inputs ${session.inputNames.join(', ')}; a model of texts has ${known.join(', ')}`,
    );
  }
  return async (text) => {
    if (text.length > MAX_ONNX_UNITS) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `a text to embed has at most ${MAX_ONNX_UNITS} characters here, not ${text.length}`,
      );
    }
    const { ids } = tokenizer.encode(text);
    if (!ids.every((id) => Number.isSafeInteger(id) && id >= 0)) {
      throw new PerigeeError(
        'UNSUPPORTED',
        `the tokenizer beside ${name} has no token for a part of this text, and none for what it does not know`,
      );
    }
    if (ids.length < 1 || ids.length > MAX_ONNX_TOKENS) {
      throw new PerigeeError('INVALID_ARGUMENT', `a text to embed has 1 to ${MAX_ONNX_TOKENS} tokens here, not ${ids.length}`);
    }
    const row = (values: readonly number[]) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
    const all: Record<string, OnnxTensor> = {
      input_ids: row(ids),
      attention_mask: row(ids.map(() => 1)),
      token_type_ids: row(ids.map(() => 0)),
    };
    const feeds = Object.fromEntries(Object.entries(all).filter(([input]) => session.inputNames.includes(input)));
    // whoever checks the receipt counts no more tokens than bytes, and two signs
    return { vector: pooled(name, await outputOf(name, session, feeds)), tokens: Math.min(ids.length, utf8(text).length + 2) };
  };
}

/** A model with one input of numbers. @throws UNSUPPORTED when it has another */
function tensorModel(name: string, session: OnnxSession, { Tensor }: OnnxRuntime): Pick<LoadedOnnx, 'embed' | 'probe'> {
  const [input, ...others] = session.inputMetadata;
  if (input?.isTensor !== true || input.type !== 'float32' || others.length > 0) {
    const words = `${name} has no tokenizer.json beside it, and not one input of 32-bit floats either: it cannot be asked by texts`;
    throw new PerigeeError('UNSUPPORTED', words);
  }
  // a size that is known only when it runs is that of a batch
  const dims = input.shape.map((dim) => (typeof dim === 'number' && dim > 0 ? dim : 1));
  const count = dims.reduce((product, dim) => product * dim, 1);
  const embed: Embed = async (text) => {
    const values = numbersOf(text, count);
    const output = await outputOf(name, session, { [input.name]: new Tensor('float32', values, dims) });
    return { vector: Float32Array.from(output.data as Float32Array), tokens: count };
  };
  return { embed, probe: JSON.stringify(Array.from({ length: Math.min(count, MAX_ONNX_UNITS) }, () => 0)) };
}

/** @throws INVALID_ARGUMENT */
function numbersOf(text: string, count: number): Float32Array {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // the same as another value
  }
  if (Array.isArray(value) && value.length === count && value.every((one) => typeof one === 'number' && Number.isFinite(one))) {
    return Float32Array.from(value as number[]);
  }
  throw new PerigeeError('INVALID_ARGUMENT', `this model takes numbers: each text is a JSON list of ${count} of them`);
}

/** @throws UNSUPPORTED */
async function outputOf(name: string, session: OnnxSession, feeds: Readonly<Record<string, OnnxTensor>>): Promise<OnnxTensor> {
  const outputs = await session.run(feeds, QUIET).catch((cause: unknown) => {
    throw new PerigeeError('UNSUPPORTED', `${name} failed on a text: ${wordsOf(cause)}`, { cause });
  });
  const output = outputs.sentence_embedding ?? outputs[session.outputNames[0] ?? ''];
  if (output?.type === 'float32') return output;
  throw new PerigeeError('UNSUPPORTED', `${name} gives ${output?.type ?? 'nothing'}, and not 32-bit floats`);
}

/** One vector as it is; of one for each token the mean, of length 1. @throws UNSUPPORTED */
function pooled(name: string, { dims, data }: OnnxTensor): Float32Array<ArrayBuffer> {
  const numbers = data as Float32Array;
  if (dims.length === 2 && dims[0] === 1) return Float32Array.from(numbers);
  const [batch, tokens = 0, width = 0] = dims;
  if (dims.length !== 3 || batch !== 1 || tokens < 1 || numbers.length !== tokens * width) {
    throw new PerigeeError(
      'UNSUPPORTED',
      `${name} gives a tensor of ${dims.join(' × ')}, which is neither a vector nor one for each token`,
    );
  }
  const mean = new Float32Array(width);
  for (let i = 0; i < numbers.length; i++) mean[i % width] = (mean[i % width] ?? 0) + (numbers[i] ?? 0) / tokens;
  const length = Math.hypot(...mean);
  return length > 0 ? mean.map((value) => value / length) : mean;
}

/** @returns `undefined` when there is none @throws INVALID_ARGUMENT when it is too long, or no file */
async function readBounded(path: string, most: number): Promise<Uint8Array | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new PerigeeError('NOT_FOUND', `${path} cannot be read: ${error.message}`, { cause: error });
  });
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > most) {
      throw new PerigeeError('INVALID_ARGUMENT', `${path} has ${found.size} bytes, or is no file; at most ${most} are read`);
    }
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function jsonOf(bytes: Uint8Array, path: string): unknown {
  return refusing(path, () => JSON.parse(new TextDecoder().decode(bytes)) as unknown);
}

/** @throws PARSE */
function refusing<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (cause instanceof PerigeeError) throw cause;
    throw new PerigeeError('PARSE', `${path} is no tokenizer that is known: ${wordsOf(cause)}`, { cause });
  }
}

function wordsOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, MAX_WORDS);
}
