import { planThreads, type RowShape, type ThreadPlan } from '@perigee/wasm-codec';
import { PerigeeError } from '@perigee/wire';
import { canShareMemory, collectGarbage } from '@perigee/workers';
import { type BlobRoom, RETIRE_BYTES } from './blob-room.ts';
import type { CodecPool } from './codec-pool.ts';
import { copyingRoom } from './copying-room.ts';
import { rowsIn } from './extended-blob.ts';
import { COUNTERS, type Step } from './take-runs.ts';
import type { ThreadAt } from './thread-jobs.ts';

/** Rows below this are extended by one worker: to divide them takes longer than it saves. */
const ONE_WORKER_BYTES = 1 << 20;
const PROGRESS_MS = 50;
const STEPS: readonly Step[] = ['extend', 'hash', 'combine'];

/**
 * Makes room for the rows of a blob: in memory that the workers share where they can (Node always, a browser when the page is cross-origin isolated), else
 * with a copy for each of them.
 *
 * @throws BLOB_GEOMETRY, ROW_SIZE, OUT_OF_MEMORY
 */
export function makeRoom(pool: CodecPool, shape: RowShape): BlobRoom {
  const { k, n, rowSize } = shape;
  const shares = canShareMemory();
  if ((k + n) * rowSize < ONE_WORKER_BYTES || (pool.size === 1 && !shares)) return roomOfOne(pool, shape);
  const plan = planThreads(shape, pool.size);
  return shares ? sharedRoom(pool, plan) : copyingRoom(pool, plan, ++memories);
}

function roomOfOne(pool: CodecPool, shape: RowShape): BlobRoom {
  const { k, n, rowSize } = shape;
  const original = new Uint8Array(k * rowSize);
  return {
    original,
    async extend({ signal, keepWorkers = false } = {}) {
      const retire = !keepWorkers && (k + n) * rowSize >= RETIRE_BYTES;
      const options = { retire, transfer: [original.buffer], ...(signal === undefined ? {} : { signal }) };
      const made = await pool.run('extendAndCommit', { ...shape, original }, options);
      const [first, rest] = [rowsIn(made.original, shape), rowsIn(made.parity, shape)];
      return { ...made, row: (index) => (index < k ? first(index) : rest(index - k)), release: () => {} };
    },
  };
}

interface SharedMemory {
  /** By it workers know what they have. */
  readonly id: number;
  readonly memory: WebAssembly.Memory;
}

let memories = 0;
/**
 * Memory of an earlier blob, for the next one: new memory costs as much time as half of the encoding, and is given back late. Unless workers hold it as well it
 * is here only as long as nobody has collected it.
 */
const spare = new WeakMap<
  CodecPool,
  { readonly id: number; readonly pages: number; readonly memory: () => WebAssembly.Memory | undefined }
>();

function sharedRoom(pool: CodecPool, plan: ThreadPlan): BlobRoom {
  const { k, n, rowSize, pages } = plan;
  const shared = takeMemory(pool, pages);
  const { buffer } = shared.memory;
  const control = new Int32Array(buffer, plan.control, 16).fill(0);
  const original = new Uint8Array(buffer, plan.rows, k * rowSize);
  return {
    original,
    async extend({ signal, onProgress, keepWorkers = false } = {}) {
      const stop = (): void => void Atomics.store(control, COUNTERS.stop, 1);
      signal?.addEventListener('abort', stop);
      const total = plan.columnRuns + plan.hashRuns + plan.combinedRuns;
      const timer = onProgress && setInterval(() => onProgress(Atomics.load(control, COUNTERS.done) / total), PROGRESS_MS);
      const retire = !keepWorkers && (k + n) * rowSize >= RETIRE_BYTES;
      const at = (index: number): ThreadAt & SharedMemory => ({ ...shared, plan, index });
      const given = signal === undefined ? {} : { signal };
      try {
        for (const step of STEPS) {
          const last = retire && step === 'combine';
          const steps = Array.from({ length: plan.threads }, (_, i) =>
            pool.run('step', { ...at(i), step }, { ...given, affinity: i, retire: last && i > 0 }),
          );
          await Promise.all(steps);
        }
        const made = await pool.run('finish', at(0), { ...given, affinity: 0, retire });
        // what the workers of the blob before have left in this thread is found by nothing less: 150 KiB a blob, for as long as V8 sees no need
        if (retire) collectGarbage('all');
        const nodes = new Uint8Array(buffer, plan.nodes, 64 * (k + n));
        const rows = new Uint8Array(buffer, plan.rows, (k + n) * rowSize);
        const ref = retire ? new WeakRef(shared.memory) : { deref: () => shared.memory };
        let held = true;
        const release = (): void => {
          if (held) spare.set(pool, { id: shared.id, pages, memory: () => ref.deref() });
          held = false;
        };
        return { ...made, tree: { leaves: k + n, hashes: nodes }, row: rowsIn(rows, plan), release };
      } catch (error) {
        stop(); // threads may still write there
        throw error;
      } finally {
        clearInterval(timer);
        signal?.removeEventListener('abort', stop);
      }
    },
  };
}

function takeMemory(pool: CodecPool, pages: number): SharedMemory {
  const known = spare.get(pool);
  const memory = known?.pages === pages ? known.memory() : undefined;
  spare.delete(pool);
  if (known !== undefined && memory !== undefined) return { id: known.id, memory };
  try {
    return { id: ++memories, memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }) };
  } catch (cause) {
    throw new PerigeeError('OUT_OF_MEMORY', `the engine has no ${pages * 64} KiB for the rows of this blob`, { cause });
  }
}
