import { openRow, type RowShape } from '@perigee/wasm-codec';
import type { CodecPool } from '../codec/codec-pool.ts';
import { makeRoom } from '../codec/extender.ts';

/**
 * Milliseconds from a blob's data in an array of JavaScript until rows, tree and the proof of every row can be read, on all workers of the pool: the copy of
 * the data, coefficients, all combinations and all levels of both trees.
 *
 * @param data K · rowSize bytes
 */
export async function pipelineTime(
  pool: CodecPool,
  shape: RowShape,
  data: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<number> {
  const start = performance.now();
  const room = makeRoom(pool, shape);
  room.original.set(data);
  const blob = await room.extend({ keepWorkers: true, signal });
  for (let index = 0; index < shape.k + shape.n; index++) openRow(blob.tree, index);
  const taken = performance.now() - start;
  blob.release();
  return taken;
}
