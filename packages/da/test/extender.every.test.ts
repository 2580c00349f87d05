import { openRow, planThreads } from '@perigee/wasm-codec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../../tests/kit/random.ts';
import { copyingRoom } from '../src/codec/copying-room.ts';
import type { ExtendedBlob } from '../src/codec/extended-blob.ts';
import { makeRoom } from '../src/codec/extender.ts';
import { type CodecPool, createCodecPool } from '../src/index.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const MIB = 1 << 20;
const THREADS = 3;
const SHAPES = [
  { k: 64, n: 64, rowSize: 64 },
  { k: 64, n: 192, rowSize: 4_160 },
  { k: 256, n: 256, rowSize: 8_192 },
  { k: 1_024, n: 3_072, rowSize: 1_088 },
  { k: 1_024, n: 7_168, rowSize: 256 },
];

let pool: CodecPool;
let one: CodecPool;
const random = createRandom();

beforeAll(() => {
  console.log(`seed ${random.seed}`);
  pool = createCodecPool(THREADS);
  one = createCodecPool(1);
});
afterAll(async () => {
  await pool.close();
  await one.close();
});

/** Random rows: a word a turn, since there are many. */
function rowsOf({ k, rowSize }: (typeof SHAPES)[number]): Uint8Array {
  const words = new Uint32Array((k * rowSize) / 4);
  for (let i = 0; i < words.length; i++) words[i] = random.u32();
  return new Uint8Array(words.buffer);
}

/** By one worker and with every copy. */
async function expected(shape: (typeof SHAPES)[number], original: Uint8Array) {
  return one.run('extendAndCommit', { ...shape, original: original.slice() });
}

function expectSame(blob: ExtendedBlob, due: Awaited<ReturnType<typeof expected>>): void {
  const { k, n, rowSize } = due;
  expect(blob).toMatchObject({ k, n, rowSize, commitment: due.commitment, rowRoot: due.rowRoot, rlcRoot: due.rlcRoot });
  expect(blob.rlcOriginal).toEqual(due.rlcOriginal);
  for (const index of [0, 1, k - 1, k, k + n / 2, k + n - 1]) {
    const rows = index < k ? due.original.subarray(index * rowSize) : due.parity.subarray((index - k) * rowSize);
    expect(blob.row(index)).toEqual(rows.subarray(0, rowSize));
    expect(openRow(blob.tree, index)).toEqual(openRow(due.tree, index));
  }
}

let blobs = 0;
/** As the place has it, and with a copy for each worker wherever that is. */
const WAYS = {
  'as memory is here': makeRoom,
  'by copies': (to: CodecPool, shape: (typeof SHAPES)[number]) => copyingRoom(to, planThreads(shape, to.size), --blobs),
};

describe.each(Object.entries(WAYS))('rows extended on all workers, %s,', (_, roomFor) => {
  it.each(SHAPES)('are those of one worker, to the last byte: $k + $n rows of $rowSize', async (shape) => {
    const original = rowsOf(shape);
    const room = roomFor(pool, shape);
    room.original.set(original);
    const blob = await room.extend({ keepWorkers: true });
    expectSame(blob, await expected(shape, original));
    blob.release();
  });

  it('are right where the memory of another blob is used again, and where workers ended', async () => {
    const shape = { k: 1_024, n: 3_072, rowSize: LONG ? 8_192 : 2_048 };
    for (const keepWorkers of [true, true, false, false, true]) {
      const original = rowsOf(shape);
      const room = roomFor(pool, shape);
      room.original.set(original);
      const blob = await room.extend({ keepWorkers });
      expectSame(blob, await expected(shape, original));
      blob.release();
      blob.release(); // once more does nothing
    }
  });

  it('may be extended for several blobs at a time', async () => {
    const shape = { k: 256, n: 768, rowSize: 2_048 };
    const blobs = Array.from({ length: 4 }, () => rowsOf(shape));
    const made = await Promise.all(
      blobs.map((original) => {
        const room = roomFor(pool, shape);
        room.original.set(original);
        return room.extend({ keepWorkers: true });
      }),
    );
    for (const [i, blob] of made.entries()) expectSame(blob, await expected(shape, blobs[i] as Uint8Array));
  });

  it('are given up when asked, and the next blob is right', async () => {
    const shape = { k: 4_096, n: 4_096, rowSize: 4_096 };
    const room = roomFor(pool, shape);
    const stop = new AbortController();
    const extending = room.extend({ signal: stop.signal, keepWorkers: true });
    stop.abort();
    await expect(extending).rejects.toMatchObject({ code: 'ABORTED' });
    const original = rowsOf(shape);
    const again = roomFor(pool, shape);
    again.original.set(original);
    expectSame(await again.extend({ keepWorkers: true }), await expected(shape, original));
  });

  it('tell how far they are', async () => {
    const shape = { k: 4_096, n: 12_288, rowSize: 2_048 };
    const told: number[] = [];
    const room = roomFor(pool, shape);
    room.original.fill(1);
    await room.extend({ onProgress: (done) => told.push(done), keepWorkers: true });
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.every((done) => done >= 0 && done <= 1)).toBe(true);
    console.log(`told ${told.length} times about ${((shape.k + shape.n) * shape.rowSize) / MIB} MiB`);
  });

  it('refuse shapes that no blob has', () => {
    expect(() => roomFor(pool, { k: 1_000, n: 3_000, rowSize: 8_192 })).toThrow(/powers of two/);
    expect(() => roomFor(pool, { k: 4_096, n: 12_288, rowSize: 100 })).toThrow(/multiple/);
    expect(() => roomFor(pool, { k: 8_192, n: 24_576, rowSize: 32_768 })).toThrow(/may have/);
  });
});
