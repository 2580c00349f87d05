/** Runs in a worker of Chromium, on the kernel that the engine takes: measures one shape, and serves the jobs of a publisher. */
import { createCodecJobs } from '../../packages/da/src/codec/codec-jobs.ts';
import { CodecThread, chooseBuild, createCodec, createFileHasher, kernelFor } from '../../packages/wasm-codec/src/index.ts';
import { serveJobs } from '../../packages/workers/src/index.ts';
import { measureShape } from '../codec/measure.ts';
import type { RowShape } from '../codec/shapes.ts';

const URL = `/codec.${chooseBuild()}.wasm`;
const kernel = () => WebAssembly.compileStreaming(fetch(URL));
const codec = async () => createCodec({ module: await kernel() });

const jobs = {
  ...createCodecJobs(
    codec,
    async () => createFileHasher({ module: await kernel() }),
    async (memory, index) => {
      const bytes = new Uint8Array(await (await fetch(URL)).arrayBuffer());
      return new CodecThread({ module: await WebAssembly.compile(kernelFor(memory, bytes)), memory, index });
    },
  ),
  measureShape: async (shape: RowShape) => measureShape(await codec(), shape),
};

serveJobs(jobs);

export type CodecBenchJobs = typeof jobs;
