import type { Kernel } from './kernel.ts';
import { checkCode, checkLength, columnWidth, powerOfTwo } from './shape.ts';
import type { Codec, Layout, RowShape } from './types.ts';

export function encode(kernel: Kernel, input: Parameters<Codec['encode']>[0]): Uint8Array {
  checkCode(input, input.layout);
  const { original, k, n, rowSize, layout } = input;
  checkLength('original', original, k * rowSize);
  if (input.into !== undefined) checkLength('into', input.into, n * rowSize);
  return kernel.scratch((allocate) => {
    const rows = allocate(k * rowSize);
    const parity = allocate(n * rowSize);
    kernel.write(rows, original);
    extend(kernel, input, layout, rows, parity);
    return kernel.readInto(parity, n * rowSize, input.into);
  });
}

/** Parity of the rows at `original` to `parity`, both in kernel memory; the shape has been checked. */
export function extend(kernel: Kernel, { k, n, rowSize }: RowShape, layout: Layout, original: number, parity: number): void {
  const high = layout === 'high' ? 1 : 0;
  const q = layout === 'high' ? Math.min(powerOfTwo(k), powerOfTwo(n)) : powerOfTwo(k);
  const width = columnWidth(2 * q, rowSize);
  kernel.scratch((allocate) => {
    const work = allocate(kernel.call.encode_work_bytes(k, n, high, width));
    kernel.call.encode(kernel.field, original, parity, work, k, n, high, rowSize, width, 0, rowSize);
  });
}
