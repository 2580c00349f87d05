import type { Clock } from '@perigee/light-core/roles';
import { fromHex } from '@perigee/wire';
import { nodeJob, nodeWorker } from '@perigee/workers/node';
import { embeddingEngine } from './embedding-worker.ts';
import type { Engine } from './engine.ts';

/** The packages that run it, as they are locked. */
export const EMBEDDINGS_EN_ENGINE = 'energetic-ai/0.2.0';
/** What clients call it. */
export const EMBEDDINGS_EN = 'embeddings-en';
/** Root of its files, and of no others. */
export const EMBEDDINGS_EN_ROOT = fromHex('80f65b3f078192b13408a7152ab8525cdde7ef167636d912bbf8eab89ed5707a', 32);

/**
 * English sentences as 512 numbers each, by the universal sentence encoder in WebAssembly. The model is a package of npm, which need not be installed; it is
 * loaded with the first text, in a worker thread, and given back after ENGINE_IDLE_MS without one.
 *
 * @param options `folder`: where the model's files are; those of the package by default
 * @throws NOT_FOUND when the packages are not installed; REFUSED when the files are not those of EMBEDDINGS_EN_ROOT
 */
export function createEmbeddingsEnEngine(options: { readonly clock: Clock; readonly folder?: string }): Promise<Engine> {
  return embeddingEngine({
    id: EMBEDDINGS_EN,
    engine: EMBEDDINGS_EN_ENGINE,
    files: { folder: options.folder, modelRoot: EMBEDDINGS_EN_ROOT },
    spawn: () => nodeWorker(nodeJob('embeddings-en', import.meta.url)),
    clock: options.clock,
  });
}
