import { MARKS, type Mark, type RowMark } from './heat-map/index.ts';

/** The mark that a verdict has in the map: a shape of its own, so that colour is never the only sign. `none` is a row that was not asked for. */
export function VerdictMark({ verdict }: { readonly verdict: RowMark | 'none' }) {
  const { solid, line, detail, cut }: Mark = verdict === 'none' ? { solid: 'M3 3h10v10H3z' } : MARKS[verdict];
  return (
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false" data-verdict={verdict}>
      {solid === undefined ? null : <path class="solid" d={solid} />}
      {verdict === 'none' ? <path class="half" d="M3 13V3h10z" /> : null}
      {line === undefined ? null : <path d={line} />}
      {detail === undefined ? null : <path d={detail} />}
      {cut === undefined ? null : <path class="cut" d={cut} />}
    </svg>
  );
}
