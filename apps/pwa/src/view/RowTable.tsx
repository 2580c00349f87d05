import type { RowView } from '@perigee/sampler';
import { useSignal } from '@preact/signals';
import type { ComponentChildren, ComponentType } from 'preact';
import { verdict as verdictWords, rows as words } from '../strings/index.ts';
import { markOf } from './heat-map/index.ts';
import { Lost } from './Lost.tsx';
import { VerdictMark } from './VerdictMark.tsx';

export interface RowTableProps {
  readonly rows: readonly RowView[];
  readonly k: number;
}

export interface RowLinesProps extends RowTableProps {
  /** What became of a row, as it is shown everywhere: handed on, so that what comes later shares no more code with the first paint. */
  readonly verdictOf: (row: RowView) => ComponentChildren;
}

/**
 * Every drawn row and all that is known of it, for those whom a map does not serve. Fetched when it is opened first, and made only while it is open: it may
 * have hundreds of lines.
 */
export function RowTable({ rows, k }: RowTableProps) {
  const open = useSignal(false);
  const part = useSignal<{ readonly Lines: ComponentType<RowLinesProps> } | 'lost' | undefined>(undefined);
  const load = async () => {
    try {
      part.value = { Lines: (await import('./RowLines.tsx')).RowLines };
    } catch {
      part.value = 'lost'; // the next opening tries again
    }
  };
  const shown = open.value ? part.value : undefined;
  return (
    <details
      class="more asked"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
        if (open.value) void load();
      }}
    >
      <summary>{words.table}</summary>
      {shown === undefined ? null : shown === 'lost' ? <Lost /> : <shown.Lines rows={rows} k={k} verdictOf={verdictOf} />}
    </details>
  );
}

function verdictOf(row: RowView): ComponentChildren {
  const mark = markOf(row);
  return (
    <>
      <VerdictMark verdict={mark} /> {verdictWords[mark].name}
    </>
  );
}
