/** Runs in a worker of Chromium, with the kernel that the engine takes: measures one shape, or serves the jobs of a publisher. */
import { createCodecJobs } from '../../packages/da/src/codec/codec-jobs.ts';
import { chooseBuild, createCodec } from '../../packages/wasm-codec/src/index.ts';
import { serveJobs } from '../../packages/workers/src/index.ts';
import { measureShape } from '../codec/measure.ts';
import type { RowShape } from '../codec/shapes.ts';

const kernel = () => WebAssembly.compileStreaming(fetch(`/codec.${chooseBuild()}.wasm`));

const jobs = {
  measureShape: async (shape: RowShape) => measureShape(createCodec({ module: await kernel() }), shape),
};
export type CodecBenchJobs = typeof jobs;

void createCodecJobs;
serveJobs(jobs);
