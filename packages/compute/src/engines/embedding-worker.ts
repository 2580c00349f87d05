/** Embeddings by a worker that loads its model with the first text, and ends when nobody has asked for a while. */
import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError } from '@perigee/wire';
import { createPool, type Transferred, transfer, type WorkerLike } from '@perigee/workers';
import type { EmbeddingModel, Engine } from './engine.ts';
import { IdleTimer } from './idle-timer.ts';

/** Texts that a worker embeds between two looks at whether anybody still waits. */
const TEXTS_PER_STEP = 8;

/** What a worker finds when it reads the files of a model. */
export interface FoundModel {
  readonly modelRoot: Uint8Array;
  readonly contextTokens: number;
  readonly dimensions: number;
}

export interface Embedded {
  readonly vectors: readonly Float32Array<ArrayBuffer>[];
  readonly promptTokens: number;
}

/** The jobs of such a worker. `files`: where its model is, in the engine's own words. */
export interface EmbeddingJobs<Files>
  extends Readonly<Record<string, (input: never, context: { readonly signal: AbortSignal }) => unknown>> {
  /** Reads, hashes and tries the model, and runs nothing of anyone's. */
  find(input: { readonly files: Files }): Promise<FoundModel>;
  /** @throws REFUSED when the files are not those of the root any more; INVALID_ARGUMENT for a text that the model does not take */
  embed(
    input: { readonly files: Files; readonly modelRoot: Uint8Array; readonly inputs: readonly string[] },
    context: { readonly signal: AbortSignal },
  ): Promise<Transferred<Embedded>>;
}

export interface EmbeddingWorkerOptions<Files> {
  /** What clients call the model. */
  readonly id: string;
  readonly engine: string;
  readonly files: Files;
  readonly spawn: () => WorkerLike;
  readonly clock: Clock;
}

/**
 * An engine with one model in one worker. Its files are read and hashed once now, by a worker that ends then.
 *
 * @throws what `find` throws
 */
export async function embeddingEngine<Files>({
  id,
  engine,
  files,
  spawn,
  clock,
}: EmbeddingWorkerOptions<Files>): Promise<Engine> {
  const pool = createPool<EmbeddingJobs<Files>>({ spawn, size: 1 });
  try {
    const found = await pool.run('find', { files }, { retire: true });
    const { modelRoot } = found;
    const rest = (): void => void pool.run('embed', { files, modelRoot, inputs: [] }, { retire: true }).catch(() => {});
    const idle = new IdleTimer(clock, rest);
    const model: EmbeddingModel = {
      kind: 'embeddings',
      id,
      engine,
      ...found,
      reproducible: false,
      concurrency: 1,
      async embed(inputs, { signal }) {
        idle.begin();
        try {
          return await pool.run('embed', { files, modelRoot, inputs }, { signal });
        } finally {
          idle.end();
        }
      },
    };
    return {
      models: [model],
      async close() {
        idle.stop();
        await pool.close();
      },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/**
 * Embeds texts a few at a time.
 *
 * @throws INVALID_ARGUMENT for a text that is empty; ABORTED; what `step` throws
 */
export async function embedInSteps(
  inputs: readonly string[],
  signal: AbortSignal,
  step: (
    texts: readonly string[],
  ) => Promise<{ readonly vectors: readonly Float32Array<ArrayBuffer>[]; readonly promptTokens: number }>,
): Promise<Transferred<Embedded>> {
  if (inputs.includes('')) throw new PerigeeError('INVALID_ARGUMENT', 'a text to embed is empty');
  const vectors: Float32Array<ArrayBuffer>[] = [];
  let promptTokens = 0;
  for (let i = 0; i < inputs.length; i += TEXTS_PER_STEP) {
    // lets the message come that nobody waits any more
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
    const made = await step(inputs.slice(i, i + TEXTS_PER_STEP));
    vectors.push(...made.vectors);
    promptTokens += made.promptTokens;
  }
  return transfer(
    { vectors, promptTokens },
    vectors.map(({ buffer }) => buffer),
  );
}
