import type { CodecPool } from '../../packages/da/src/codec/codec-pool.ts';
import { pipelineTime } from '../../packages/da/src/measure/pipeline.ts';
import { dataBytes, type RowShape, randomBytes } from './shapes.ts';

/** Milliseconds of a blob on all workers of the pool, which have run before. */
export async function pipelineTimes(pool: CodecPool, shape: RowShape, rounds: number): Promise<number[]> {
  const data = randomBytes(dataBytes(shape));
  const taken: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const ms = await pipelineTime(pool, shape, data, undefined);
    if (round >= 0) taken.push(ms);
  }
  return taken;
}
