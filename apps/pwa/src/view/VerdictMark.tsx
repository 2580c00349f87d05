import type { RowVerdict } from '@perigee/sampler';

/** Each verdict has a shape of its own, so that colour is never the only sign. 16 × 16 units. */
const SHAPES: Record<RowVerdict, string> = {
  asked: 'M4 8h.01M8 8h.01M12 8h.01',
  verified: 'M3 8.5l3.5 3.5L13 4.5',
  timeout: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5v3.2l2.2 1.6',
  withheld: 'M3 8h10',
  'invalid/peer': 'M4 4l8 8M12 4l-8 8',
  'invalid/encoding': 'M8 2.5l6 11H2zM8 6.5v3.4M8 11.7v.1',
};

export function VerdictMark({ verdict }: { readonly verdict: RowVerdict }) {
  return (
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[verdict]} />
    </svg>
  );
}
