import { resolve } from 'node:path';
import { createInt8Engine, type Engine } from '@perigee/compute/engines';
import { systemClock } from '@perigee/net';
import { equal, MAX_REGISTRATIONS_PER_PROVIDER, PerigeeError } from '@perigee/wire';
import type { Options } from '../cli/args.ts';
import { readFileOf } from '../files.ts';
import { type COMPUTE_OPTIONS, DEFAULT_WORKERS, EMBEDDINGS_MODEL, OWN_MODEL } from './compute-options.ts';

type EngineOptions = Pick<Options<typeof COMPUTE_OPTIONS>, 'model' | 'compute-workers' | 'engine-packages'>;

/**
 * The models of a provider, in the order in which they were named. Each is loaded by its engine's threads with the first request.
 *
 * @throws NOT_FOUND, PARSE, UNKNOWN_VERSION, UNSUPPORTED, REFUSED, INVALID_ARGUMENT
 */
export async function startEngines(options: EngineOptions): Promise<Engine> {
  const { model } = options;
  const names = model.length === 0 ? [OWN_MODEL] : model;
  if (names.length > MAX_REGISTRATIONS_PER_PROVIDER) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `a provider has at most ${MAX_REGISTRATIONS_PER_PROVIDER} models, not ${names.length}`,
    );
  }
  const engines: Engine[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(engines.map((engine) => engine.close()));
  };
  try {
    for (const name of names) engines.push(await startEngine(name, options));
    const models = engines.flatMap((engine) => engine.models);
    for (const [i, { id, modelRoot }] of models.entries()) {
      const twin = models.slice(0, i).find((other) => other.id === id || equal(other.modelRoot, modelRoot));
      if (twin === undefined) continue;
      const words = `--model names "${twin.id}" and "${id}", which have one name or are one model: leave one of them out`;
      throw new PerigeeError('INVALID_ARGUMENT', words);
    }
    return { models, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What runs a model is read from disk only where it is asked for. */
async function startEngine(name: string, options: EngineOptions): Promise<Engine> {
  const { 'compute-workers': workers = DEFAULT_WORKERS, 'engine-packages': folder } = options;
  const packages = folder === undefined ? undefined : resolve(folder);
  const clock = systemClock;
  if (name === EMBEDDINGS_MODEL) {
    const { createEmbeddingsEnEngine } = await import('@perigee/compute/engines/embeddings-en');
    return createEmbeddingsEnEngine({ clock });
  }
  if (name.endsWith('.onnx')) {
    const { createOnnxEngine } = await import('@perigee/compute/engines/onnx');
    return createOnnxEngine({ path: name, packages, clock });
  }
  if (name.endsWith('.gguf')) {
    const { createGgufEngine } = await import('@perigee/compute/engines/gguf');
    return createGgufEngine({ path: name, packages, threads: workers });
  }
  const { ownWeights } = await import('@perigee/compute/engines/own-weights');
  const file =
    name === OWN_MODEL ? await ownWeights() : new Uint8Array(await readFileOf(name, 'the weights of a model (--model)'));
  return createInt8Engine({ files: [file], workers, idle: { clock } });
}
