import type { RowView } from '@perigee/sampler';
import { count } from '../format.ts';
import { MARKED, verdict as verdictWords } from '../strings/index.ts';
import { markOf } from './heat-map/index.ts';
import { VerdictMark } from './VerdictMark.tsx';

export interface LegendProps {
  readonly rows: readonly RowView[];
  readonly total: number;
}

/** Each mark of the map, what it means, and how many rows have it: the map in one sentence. */
export function Legend({ rows, total }: LegendProps) {
  const counts = { none: total - rows.length } as Record<string, number>;
  for (const row of rows) counts[markOf(row)] = (counts[markOf(row)] ?? 0) + 1;
  return (
    <ul class="legend">
      {[...MARKED, 'none' as const].map((verdict) => (
        <li key={verdict} data-verdict={verdict} data-count={counts[verdict] ?? 0}>
          <VerdictMark verdict={verdict} /> {count(counts[verdict] ?? 0)} {verdictWords[verdict].name}
        </li>
      ))}
    </ul>
  );
}
