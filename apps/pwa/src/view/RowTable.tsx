import type { RowView } from '@perigee/sampler';
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { rows as words } from '../strings/index.ts';
import { Lost } from './Lost.tsx';

export interface RowTableProps {
  readonly rows: readonly RowView[];
  readonly k: number;
}

/**
 * Every drawn row and all that is known of it, for those whom a map does not serve. Fetched when it is opened first, and made only while it is open: it may
 * have hundreds of lines.
 */
export function RowTable({ rows, k }: RowTableProps) {
  const open = useSignal(false);
  const part = useSignal<{ readonly Lines: ComponentType<RowTableProps> } | 'lost' | undefined>(undefined);
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
      {shown === undefined ? null : shown === 'lost' ? <Lost /> : <shown.Lines rows={rows} k={k} />}
    </details>
  );
}
