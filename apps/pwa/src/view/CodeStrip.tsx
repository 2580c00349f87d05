import type { RowView } from '@perigee/sampler';
import { count } from '../format.ts';
import { NONE, rows as words } from '../strings/index.ts';

export interface CodeStripProps {
  readonly rows: readonly RowView[];
  /** Original rows. */
  readonly k: number;
  /** Parity rows. */
  readonly n: number;
}

const WIDTH = 1000;

/** All positions of the code on one line, original rows first, with a stroke where each drawn row lies. */
export function CodeStrip({ rows, k, n }: CodeStripProps) {
  const total = k + n;
  const at = (index: number) => (total === 0 ? 0 : ((index + 0.5) / total) * WIDTH);
  return (
    <figure class="strip">
      <svg viewBox={`0 0 ${WIDTH} 28`} preserveAspectRatio="none" role="img" aria-label={words.strip(rows.length, count(total))}>
        <rect class="parity" width={WIDTH} height="28" />
        <rect class="original" width={total === 0 ? 0 : (k / total) * WIDTH} height="28" />
        {rows.map((row) => (
          <line key={row.index} data-verdict={row.verdict} x1={at(row.index)} x2={at(row.index)} y1="0" y2="28" />
        ))}
      </svg>
      <figcaption>
        <span>{words.stripOriginal(total === 0 ? NONE : count(k))}</span>
        <span>{words.stripParity(total === 0 ? NONE : count(n))}</span>
      </figcaption>
    </figure>
  );
}
