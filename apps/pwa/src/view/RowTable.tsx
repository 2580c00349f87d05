import type { RowView } from '@perigee/sampler';
import { useSignal } from '@preact/signals';
import { count, microseconds, milliseconds, shortPeer, size } from '../format.ts';
import { NONE, transport, verdict as verdictWords, rows as words } from '../strings/index.ts';
import { ColumnHeads } from './ColumnHeads.tsx';
import { markOf } from './heat-map/index.ts';
import { ScrollRegion } from './ScrollRegion.tsx';
import { VerdictMark } from './VerdictMark.tsx';

export interface RowTableProps {
  readonly rows: readonly RowView[];
  readonly k: number;
}

/** Every drawn row and all that is known of it, for those whom a map does not serve. Made only while it is open: it may have hundreds of lines. */
export function RowTable({ rows, k }: RowTableProps) {
  const open = useSignal(false);
  return (
    <details
      class="more asked"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>{words.table}</summary>
      {open.value ? <Table rows={rows} k={k} /> : null}
    </details>
  );
}

function Table({ rows, k }: RowTableProps) {
  return (
    <ScrollRegion label={words.tableTitle}>
      <table>
        <ColumnHeads
          names={[words.row, words.part, words.verdict, words.peer, words.transport, words.answered, words.checked, words.bytes]}
        />
        <tbody>
          {rows.map((row) => (
            <tr
              key={row.index}
              data-row={row.index}
              data-verdict={row.verdict}
              data-transport={row.transport}
              data-from-page={row.fromPage}
            >
              <th scope="row">{count(row.index)}</th>
              <td>{row.index < k ? words.original : words.parity}</td>
              <td class="verdict">
                <VerdictMark verdict={markOf(row)} /> {verdictWords[markOf(row)].name}
              </td>
              <td class="mono" title={row.peerId}>
                {row.peerId === undefined ? NONE : shortPeer(row.peerId)}
              </td>
              <td>{row.transport === undefined ? NONE : transport[row.transport]}</td>
              <td>{row.answerMs === undefined ? NONE : milliseconds(row.answerMs)}</td>
              <td>{row.verifyUs === undefined ? NONE : microseconds(row.verifyUs)}</td>
              <td>{row.bytes === 0 ? NONE : size(row.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
