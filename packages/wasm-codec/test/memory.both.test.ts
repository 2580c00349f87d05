import { expect, it } from 'vitest';
import { createCodec } from '../src/index.ts';
import { wasmBytes } from './load.ts';

const MIB = 1 << 20;

it('extends the longest blob at 4× in little more memory than its rows take', async () => {
  const memory = new WebAssembly.Memory({ initial: 8, maximum: 16_384 });
  const codec = createCodec({ module: await WebAssembly.compile(await wasmBytes('simd')), memory });
  const shape = { k: 4_096, n: 3 * 4_096, rowSize: 7_936 };
  codec.extendAndCommit({ ...shape, original: new Uint8Array(shape.k * shape.rowSize) });
  const used = memory.buffer.byteLength / MIB;
  const rows = ((shape.k + shape.n) * shape.rowSize) / MIB;
  console.log(`memory of the kernel: ${used.toFixed(1)} MiB for ${rows} MiB of rows`);
  expect(used).toBeLessThan(1.15 * rows);
});
