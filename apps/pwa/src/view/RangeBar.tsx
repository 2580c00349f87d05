import type { HeaderView } from '@perigee/sampler';
import { count } from '../format.ts';
import { headers as words } from '../strings/below/index.ts';
import { type HeaderRange, headerRanges } from './header-ranges.ts';

/** Which heights were verified one by one, and where a header vouches across a gap, from the oldest that is listed to the head. */
export function RangeBar({ headers }: { readonly headers: readonly HeaderView[] }) {
  const ranges = headerRanges(headers);
  const [first] = ranges;
  const last = ranges.at(-1);
  if (first === undefined || last === undefined) return null;
  const span = last.to - first.from + 1;
  return (
    <figure class="range-bar">
      <svg
        viewBox={`0 0 ${span} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.ranges(ranges.map(named).join(', '))}
      >
        {ranges.map(({ from, to }) => (
          <rect key={from} x={from - first.from} y="0" width={Math.max(to - from + 1, span / 150)} height="1" />
        ))}
      </svg>
      <figcaption class="quiet">
        <span>{count(first.from)}</span>
        <span>{words.rangesLegend(count(ranges.length))}</span>
        <span>{count(last.to)}</span>
      </figcaption>
    </figure>
  );
}

function named({ from, to }: HeaderRange): string {
  return from === to ? count(from) : `${count(from)}–${count(to)}`;
}
