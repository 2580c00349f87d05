import fc from 'fast-check';
import type { Layout } from '../src/index.ts';

/** Thorough counts in `npm run test:long`, quick ones in `npm test`. A page has no environment. */
export const LONG = typeof process !== 'undefined' && process.env.PERIGEE_LONG === '1';

export interface TestShape {
  readonly k: number;
  readonly n: number;
  readonly rowSize: number;
  readonly layout: Layout;
  readonly seed: number;
}

const counts = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1_500 }) },
);

/** Codes of any counts, mostly small, in both layouts, with rows of one or several columns. */
export const shapes: fc.Arbitrary<TestShape> = fc.record({
  k: counts,
  n: counts,
  rowSize: fc.constantFrom(64, 64, 64, 128, 192, 320, 1_088, 2_112),
  layout: fc.constantFrom<Layout>('high', 'low'),
  seed: fc.integer({ min: 0, max: 0x7fff_ffff }),
});
