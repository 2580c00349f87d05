import type { Build, Codec, CodeRoom, RowShape } from '../../packages/wasm-codec/src/index.ts';

/** What is measured: counts and bytes of rows. The last is the longest blob at 4×, and the one before it at 2×. */
export const SHAPES: readonly RowShape[] = [
  { k: 64, n: 64, rowSize: 8_192 },
  { k: 1_024, n: 1_024, rowSize: 32_768 },
  { k: 1_024, n: 3_072, rowSize: 32_768 },
  { k: 4_096, n: 4_096, rowSize: 8_192 },
  { k: 4_096, n: 12_288, rowSize: 8_192 },
];
export const LONGEST: RowShape = { k: 4_096, n: 12_288, rowSize: 8_192 };

export { randomRows as randomBytes } from '../../packages/da/src/measure/subjects.ts';
export type { Build, Codec, CodeRoom, RowShape };

/** Bytes of original data. */
export function dataBytes({ k, rowSize }: RowShape): number {
  return k * rowSize;
}

export function milliseconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}
