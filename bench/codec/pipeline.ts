import type { CodecPool } from '../../packages/da/src/codec/codec-pool.ts';
import { makeRoom } from '../../packages/da/src/codec/extender.ts';
import { openRow } from '../../packages/wasm-codec/src/index.ts';
import { dataBytes, type RowShape, randomBytes } from './shapes.ts';

/**
 * Milliseconds from a blob's data in an array of JavaScript until rows, tree and the proof of every row can be read: the copy of the data, coefficients,
 * all combinations and all levels of both trees, on all workers of the pool, which have run before.
 */
export async function pipelineTimes(pool: CodecPool, shape: RowShape, rounds: number): Promise<number[]> {
  const data = randomBytes(dataBytes(shape));
  const taken: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const start = performance.now();
    const room = makeRoom(pool, shape);
    room.original.set(data);
    const blob = await room.extend({ keepWorkers: true });
    for (let index = 0; index < shape.k + shape.n; index++) openRow(blob.tree, index);
    if (round >= 0) taken.push(performance.now() - start);
    blob.release();
  }
  return taken;
}
