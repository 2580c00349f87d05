/** Runs in a page of Chromium: what `npm run bench:codec` measures there. */
import { createPool } from '../../packages/workers/src/index.ts';
import { webWorker } from '../../packages/workers/src/web.ts';
import { pipelineTimes } from '../codec/pipeline.ts';
import type { RowShape } from '../codec/shapes.ts';
import type { CodecBenchJobs } from './codec.worker.ts';

const spawn = () => webWorker(new Worker('/codec.worker.js', { type: 'module' }));

const codecBench = {
  async shape(shape: RowShape) {
    const pool = createPool<CodecBenchJobs>({ spawn, size: 1 });
    return pool.run('measureShape', shape).finally(() => pool.close());
  },
  async pipeline(shape: RowShape, threads: number, rounds: number) {
    const pool = createPool<CodecBenchJobs>({ spawn, size: threads });
    return pipelineTimes(pool, shape, rounds).finally(() => pool.close());
  },
};
export type CodecBench = typeof codecBench;

Object.assign(globalThis, { codecBench });
