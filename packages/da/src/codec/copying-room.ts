import type { RowShape, ThreadPlan } from '@perigee/wasm-codec';
import { type BlobRoom, type ExtendOptions, RETIRE_BYTES } from './blob-room.ts';
import type { CodecPool } from './codec-pool.ts';
import { type ExtendedBlob, rowsIn } from './extended-blob.ts';
import { nodeLevels, rowsOf, type ThreadAt } from './thread-jobs.ts';

/** Steps of the work, for who wants to know how far it is. */
const STEPS = 4;

/** The blob that a pool's workers extend, or extended last. */
const last = new WeakMap<CodecPool, Promise<unknown>>();

/**
 * Room for a blob where workers have no memory in common: each gets a copy of the original rows, makes some columns of all parity rows, and hashes some rows
 * of which the others sent it their columns. A blob leaves something in the workers from step to step, so that one follows the other.
 *
 * @param id that no other blob of these workers has
 */
export function copyingRoom(pool: CodecPool, plan: ThreadPlan, id: number): BlobRoom {
  const { k, n, rowSize, threads } = plan;
  const original = new Uint8Array(k * rowSize);
  const extend = async ({ signal, onProgress, keepWorkers = false }: ExtendOptions): Promise<ExtendedBlob> => {
    const retire = !keepWorkers && (k + n) * rowSize >= RETIRE_BYTES;
    const given = signal === undefined ? {} : { signal };
    const at = (index: number): ThreadAt => ({ id, plan, index });
    const all = <T>(run: (index: number) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: threads }, (_, i) => run(i)));
    const told = (step: number): void => onProgress?.(step / STEPS);

    const columns = await all((i) => pool.run('extendColumns', { ...at(i), original }, { ...given, affinity: i }));
    told(1);
    const hashed = await all((i) => {
      const pieces = columns.flatMap((made, from) => {
        const bytes = made[i];
        return bytes === undefined || from === i ? [] : [{ from, bytes }];
      });
      const transfer = pieces.map(({ bytes }) => bytes.buffer);
      return pool.run('hashRows', { ...at(i), pieces }, { ...given, affinity: i, transfer });
    });
    told(2);
    const hashes = new Uint8Array(64 * (k + n));
    for (const [index, { nodes }] of hashed.entries()) {
      let from = 0;
      for (const { offset, length } of nodeLevels(plan, index)) {
        hashes.set(nodes.subarray(from, from + length), offset);
        from += length;
      }
    }
    const nodes = hashes.slice(32 * plan.hashRuns, 64 * plan.hashRuns);
    const combined = await all((i) =>
      pool.run('combineRows', { ...at(i), nodes }, { ...given, affinity: i, retire: retire && i > 0 }),
    );
    told(3);
    const combinations = combined.map((part) => part.combinations);
    const tops = combined.map((part) => part.top);
    const { top, ...made } = await pool.run('finishRows', { ...at(0), combinations, tops }, { ...given, affinity: 0, retire });
    told(4);
    hashes.set(top, 32);
    return { ...made, tree: { leaves: k + n, hashes }, row: rowIn(plan, original, hashed), release: () => {} };
  };
  return {
    original,
    extend(options = {}) {
      const before = last.get(pool) ?? Promise.resolve();
      const extended = before.then(() => extend(options));
      last.set(
        pool,
        extended.catch(() => {}),
      );
      return extended;
    },
  };
}

/** Original rows lie together, and parity rows with who hashed them. */
function rowIn(
  plan: ThreadPlan & RowShape,
  original: Uint8Array,
  hashed: readonly { readonly parity: Uint8Array }[],
): (index: number) => Uint8Array {
  const first = rowsIn(original, plan);
  const parts = hashed.map(({ parity }, index) => {
    const { from, to } = rowsOf(plan, index);
    return { from: Math.max(from, plan.k), to, row: rowsIn(parity, plan) };
  });
  return (index) => {
    const part = index < plan.k ? undefined : parts.find(({ from, to }) => index >= from && index < to);
    return part === undefined ? first(index) : part.row(index - part.from);
  };
}
