import type { HeaderView } from '@perigee/sampler';

/** Heights without a gap, each verified. */
export interface HeaderRange {
  readonly from: number;
  readonly to: number;
}

/** @param headers in any order @returns ascending */
export function headerRanges(headers: readonly Pick<HeaderView, 'height'>[]): readonly HeaderRange[] {
  const heights = [...new Set(headers.map(({ height }) => height))].sort((a, b) => a - b);
  const ranges: { from: number; to: number }[] = [];
  for (const height of heights) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to === height - 1) last.to = height;
    else ranges.push({ from: height, to: height });
  }
  return ranges;
}
