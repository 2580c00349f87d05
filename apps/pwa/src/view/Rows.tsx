import type { BlobView, RowView } from '@perigee/sampler';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { count, milliseconds, shortPeer, size } from '../format.ts';
import { verdict as verdictWords, rows as words } from '../strings/index.ts';
import { HeatMap, markOf } from './heat-map/index.ts';
import { Legend } from './Legend.tsx';
import { RowDetail } from './RowDetail.tsx';
import { RowTable } from './RowTable.tsx';

const NO_ROWS: readonly RowView[] = [];

/** Every row of the blob on a map, one of them in words, and those that were asked for as a table. */
export function Rows({ blob }: { readonly blob: BlobView | undefined }) {
  const rows = blob?.rows ?? NO_ROWS;
  const record = blob?.record;
  const k = record?.k ?? 0;
  const total = record === undefined ? 0 : record.k + record.n;
  const chosen = useSignal<number | undefined>(undefined);
  const asked = useMemo(() => rows.map((row) => row.index).sort((a, b) => a - b), [rows]);
  const shown = total === 0 ? undefined : (chosen.value ?? rows[0]?.index ?? 0);
  const row = rows.find(({ index }) => index === shown);
  const show = (index: number) => {
    chosen.value = index;
  };
  return (
    <div class="rows">
      <h3 class="label">{words.title}</h3>
      <p class="quiet counts">{record === undefined ? words.countsUnknown : words.counts(count(record.k), count(record.n))}</p>
      {shown === undefined ? (
        <div class="map" aria-hidden="true" />
      ) : (
        <HeatMap rows={rows} asked={asked} k={k} total={total} shown={shown} shownText={spoken(shown, row, k)} onShow={show} />
      )}
      <Legend rows={rows} total={total} />
      <RowDetail index={shown} row={row} k={k} total={total} asked={asked} onShow={show} />
      <RowTable rows={rows} k={k} />
    </div>
  );
}

/** One row as a screen reader says it. */
function spoken(index: number, row: RowView | undefined, k: number): string {
  const said = words.spoken;
  return [
    words.rowName(count(index), index < k ? words.original : words.parity),
    verdictWords[row === undefined ? 'none' : markOf(row)].meaning,
    ...(row?.peerId === undefined ? [] : [said.from(shortPeer(row.peerId))]),
    ...(row?.answerMs === undefined ? [] : [said.answered(milliseconds(row.answerMs))]),
    ...(row === undefined || row.bytes === 0 ? [] : [said.size(size(row.bytes))]),
  ].join(' ');
}
