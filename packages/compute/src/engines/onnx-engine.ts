import { basename, dirname, join, resolve } from 'node:path';
import type { Clock } from '@perigee/light-core/roles';
import { nodeJob, nodeWorker } from '@perigee/workers/node';
import { embeddingEngine } from './embedding-worker.ts';
import type { Engine } from './engine.ts';
import type { OnnxFiles } from './onnx-jobs.ts';
import type { PackageFolder } from './operator-package.ts';

/** The runtime that is asked for; one thread, so that a machine's processors change no sum. */
const ONNX_ENGINE = 'onnxruntime-web/1.30.0 wasm';

export interface OnnxEngineOptions {
  /** The model, `NAME.onnx`. A `tokenizer.json` beside it makes it one of texts, and `tokenizer_config.json` is read with that. */
  readonly path: string;
  /** Where `onnxruntime-web` is, and `@huggingface/tokenizers` for models of texts. */
  readonly packages?: PackageFolder;
  readonly clock: Clock;
}

/**
 * Vectors by any ONNX model, in WebAssembly, in a worker thread that ends when nobody has asked for ENGINE_IDLE_MS. With a tokenizer its input are token ids, and
 * a vector for each token becomes their mean of length 1; without one each text is a JSON list of the numbers of its one input, and the vector all numbers of its
 * first output.
 *
 * @throws NOT_FOUND when a file or a package is not there; PARSE, UNSUPPORTED, INVALID_ARGUMENT when the model cannot be run
 */
export function createOnnxEngine({ path, packages, clock }: OnnxEngineOptions): Promise<Engine> {
  const model = resolve(path);
  const beside = (name: string): string => join(dirname(model), name);
  const files: OnnxFiles = {
    model,
    tokenizer: beside('tokenizer.json'),
    tokenizerConfig: beside('tokenizer_config.json'),
    packages,
  };
  const id = basename(model, '.onnx');
  return embeddingEngine({ id, engine: ONNX_ENGINE, files, spawn: () => nodeWorker(nodeJob('onnx', import.meta.url)), clock });
}
