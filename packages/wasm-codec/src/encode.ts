import type { Kernel } from './kernel.ts';
import { columnWidth, powerOfTwo } from './shape.ts';
import type { Layout, RowShape } from './types.ts';

/**
 * Parity of the rows at `original` to `parity`, both in kernel memory; the shape has been checked.
 *
 * @param stride bytes from a row to the next, a multiple of 64
 */
export function extend(
  kernel: Kernel,
  { k, n, rowSize }: RowShape,
  layout: Layout,
  original: number,
  parity: number,
  stride = rowSize,
): void {
  const high = layout === 'high' ? 1 : 0;
  const q = layout === 'high' ? Math.min(powerOfTwo(k), powerOfTwo(n)) : powerOfTwo(k);
  const width = columnWidth(2 * q, rowSize);
  kernel.scratch((allocate) => {
    const work = allocate(kernel.call.encode_work_bytes(k, n, high, width));
    kernel.call.encode(kernel.field, original, parity, work, k, n, high, stride, width, 0, rowSize);
  });
}
