import type { BlobView, RowView } from '@perigee/sampler';
import { useSignal } from '@preact/signals';
import { count, shortPeer } from '../format.ts';
import { VERDICTS, verdict as verdictWords, rows as words } from '../strings/index.ts';
import { CodeStrip } from './CodeStrip.tsx';
import { RowDetail } from './RowDetail.tsx';
import { RowTable } from './RowTable.tsx';
import { VerdictMark } from './VerdictMark.tsx';

/** Places kept free before rows are drawn: the first round at the usual redundancy. */
const PLACES = Array.from({ length: 20 }, (_, place) => place);
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export function Rows({ blob }: { readonly blob: BlobView | undefined }) {
  const rows = blob?.rows ?? [];
  const k = blob?.record?.k ?? 0;
  const shown = useSignal(0);
  const current = rows[shown.value];
  return (
    <div class="rows">
      <h3 class="label">{words.title}</h3>
      <CodeStrip rows={rows} k={k} n={blob?.record?.n ?? 0} />
      <Legend rows={rows} />
      {rows.length === 0 ? (
        <EmptyCells />
      ) : (
        <Cells
          rows={rows}
          shown={shown.value}
          onShow={(place) => {
            shown.value = place;
          }}
        />
      )}
      <RowDetail row={current} k={k} />
      <RowTable rows={rows} k={k} />
    </div>
  );
}

interface CellsProps {
  readonly rows: readonly RowView[];
  readonly shown: number;
  readonly onShow: (place: number) => void;
}

/** One stop of the tab key for all cells; arrow keys, Home and End move among them. */
function Cells({ rows, shown, onShow }: CellsProps) {
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLDivElement }) => {
    const step = STEPS[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? rows.length - 1 : step === undefined ? undefined : shown + step;
    if (to === undefined || to < 0 || to >= rows.length) return;
    event.preventDefault();
    onShow(to);
    event.currentTarget.querySelectorAll('button')[to]?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls; these only show
    <div class="cells" role="group" aria-label={words.group} onKeyDown={onKeyDown}>
      {rows.map((row, place) => (
        <button
          key={row.index}
          type="button"
          class="cell"
          data-row={row.index}
          data-verdict={row.verdict}
          data-transport={row.transport}
          aria-pressed={place === shown}
          aria-label={label(row)}
          tabIndex={place === shown ? 0 : -1}
          onClick={() => onShow(place)}
          onFocus={() => onShow(place)}
          onMouseEnter={() => onShow(place)}
        >
          <VerdictMark verdict={row.verdict} />
          <span>{row.index}</span>
        </button>
      ))}
    </div>
  );
}

function EmptyCells() {
  return (
    <div class="cells" aria-hidden="true">
      {PLACES.map((place) => (
        <span key={place} class="cell" />
      ))}
    </div>
  );
}

function Legend({ rows }: { readonly rows: readonly RowView[] }) {
  return (
    <ul class="legend">
      {VERDICTS.map((verdict) => (
        <li key={verdict} data-verdict={verdict} data-count={rows.filter((row) => row.verdict === verdict).length}>
          <VerdictMark verdict={verdict} /> {count(rows.filter((row) => row.verdict === verdict).length)}{' '}
          {verdictWords[verdict].name}
        </li>
      ))}
    </ul>
  );
}

function label(row: RowView): string {
  const name = words.cell(row.index, verdictWords[row.verdict].name);
  return row.peerId === undefined ? name : `${name}, ${shortPeer(row.peerId)}`;
}
