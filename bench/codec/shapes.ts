import type { Build, Codec, CodeRoom, RowShape } from '../../packages/wasm-codec/src/index.ts';

/** The longest blob at 4× and at 2×. */
export const LONGEST: RowShape = { k: 4_096, n: 12_288, rowSize: 8_192 };
export const LONGEST_TWICE: RowShape = { k: 4_096, n: 4_096, rowSize: 8_192 };
/** What is measured: counts and bytes of rows. */
export const SHAPES: readonly RowShape[] = [
  { k: 64, n: 64, rowSize: 8_192 },
  { k: 1_024, n: 1_024, rowSize: 32_768 },
  { k: 1_024, n: 3_072, rowSize: 32_768 },
  LONGEST_TWICE,
  LONGEST,
];

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
