import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddingsModel } from '@energetic-ai/embeddings';
import { concatAll, equal, PerigeeError, toHex, utf8 } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import { type EmbeddingJobs, embedInSteps } from './embedding-worker.ts';
import { embeddingsEnFolder } from './embeddings-en-package.ts';
import { type ModelFile, modelRootOf } from './model-root.ts';

/** Topology, vocabulary, and the weights in their order. */
const [TOPOLOGY, VOCABULARY] = ['model.json', 'vocab.json'];
const SHARDS = Array.from({ length: 7 }, (_, i) => `group1-shard${i + 1}of7`);
/** Numbers of one vector. */
const DIMENSIONS = 512;
/** Tokens of one text: it was trained on sentences and short paragraphs, and what attention takes grows with their square. */
const MAX_TOKENS = 1_024;
/** UTF-16 units of one text: tokenizing takes the square of them. */
const MAX_UNITS = 8_192;

export interface EmbeddingsEnFiles {
  /** Where they are; in the package by default. */
  readonly folder: string | undefined;
  /** What they must hash to, 32 bytes. */
  readonly modelRoot: Uint8Array;
}

/** Of `@energetic-ai/core`, whose types name packages that it has bundled. */
interface TensorFlow {
  ready(): Promise<void>;
  loadGraphModel(source: unknown): Promise<EmbeddingsModel['model']>;
  readonly io: { fromMemory(artifacts: object): unknown };
}

interface Topology {
  readonly modelTopology: object;
  readonly weightsManifest: readonly { readonly weights: readonly object[] }[];
}

/** The jobs of a worker that embeds English sentences. */
export function createEmbeddingsEnJobs() {
  let loaded: Promise<EmbeddingsModel> | undefined;
  return {
    async find({ files }) {
      await readModel(files);
      return { modelRoot: files.modelRoot, contextTokens: MAX_TOKENS, dimensions: DIMENSIONS };
    },

    async embed({ files, inputs }, { signal }) {
      return embedInSteps(inputs, signal, async (texts) => {
        loaded ??= loadModel(files);
        const model = await loaded.catch((error: unknown) => {
          loaded = undefined;
          throw error;
        });
        const counts = texts.map((text) => tokensOf(text, model));
        const vectors = (await model.embed([...texts])).map((numbers) => Float32Array.from(numbers));
        return { vectors, promptTokens: counts.reduce((sum, count) => sum + count, 0) };
      });
    },
  } satisfies EmbeddingJobs<EmbeddingsEnFiles>;
}

/** @returns no more than bytes, as whoever checks the receipt counts @throws INVALID_ARGUMENT */
function tokensOf(text: string, { tokenizer }: EmbeddingsModel): number {
  if (text.length > MAX_UNITS) {
    throw new PerigeeError('INVALID_ARGUMENT', `a text to embed has at most ${MAX_UNITS} characters here, not ${text.length}`);
  }
  const { length } = tokenizer.encode(text);
  if (length > MAX_TOKENS) {
    throw new PerigeeError('INVALID_ARGUMENT', `a text to embed has at most ${MAX_TOKENS} tokens here, not ${length}`);
  }
  return Math.min(length, utf8(text).length);
}

async function loadModel(files: EmbeddingsEnFiles): Promise<EmbeddingsModel> {
  const { topology, vocabulary, weights } = await readModel(files);
  const core = (await import('@energetic-ai/core')) as unknown as TensorFlow;
  const { EmbeddingsModel } = await import('@energetic-ai/embeddings');
  await core.ready();
  const { modelTopology, weightsManifest } = topology;
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  // the bytes that were hashed, and no file that could be another by now
  const model = await core.loadGraphModel(core.io.fromMemory({ modelTopology, weightSpecs, weightData: weights.buffer }));
  return new EmbeddingsModel({ model, vocabulary });
}

/** Nothing is read of the files before they have hashed to what they should. @throws NOT_FOUND, REFUSED */
async function readModel({ folder, modelRoot }: EmbeddingsEnFiles) {
  const from = folder ?? embeddingsEnFolder();
  const [topology, vocabulary, ...shards] = await Promise.all(
    [TOPOLOGY, VOCABULARY, ...SHARDS].map(async (name = ''): Promise<ModelFile> => {
      const bytes = await readFile(join(from, name)).catch((cause: unknown) => {
        throw new PerigeeError('NOT_FOUND', `${join(from, name)}, a file of the English embedding model, cannot be read`, {
          cause,
        });
      });
      return { name, bytes };
    }),
  );
  if (topology === undefined || vocabulary === undefined)
    throw new PerigeeError('INTERNAL', 'two files were read, and are not there');
  const root = modelRootOf([topology, vocabulary, ...shards], await loadFileHasher());
  if (!equal(root, modelRoot)) {
    throw new PerigeeError(
      'REFUSED',
      `the files in ${from} have the root ${toHex(root)}, and those of the model ${toHex(modelRoot)}`,
    );
  }
  return {
    topology: JSON.parse(textOf(topology)) as Topology,
    vocabulary: JSON.parse(textOf(vocabulary)) as ConstructorParameters<typeof EmbeddingsModel>[0]['vocabulary'],
    weights: concatAll(shards.map(({ bytes }) => bytes)),
  };
}

function textOf({ bytes }: ModelFile): string {
  return new TextDecoder().decode(bytes);
}
