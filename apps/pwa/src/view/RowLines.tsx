import { count, microseconds, milliseconds, shortPeer, size } from '../format.ts';
import { NONE, transport, rows as words } from '../strings/index.ts';
import { ColumnHeads } from './ColumnHeads.tsx';
import type { RowLinesProps } from './RowTable.tsx';
import { ScrollRegion } from './ScrollRegion.tsx';

/** A line for each drawn row. */
export function RowLines({ rows, k, verdictOf }: RowLinesProps) {
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
              <th scope="row" data-column={words.row}>
                {count(row.index)}
              </th>
              <td data-column={words.part}>{row.index < k ? words.original : words.parity}</td>
              <td data-column={words.verdict} class="verdict">
                {verdictOf(row)}
              </td>
              <td data-column={words.peer} class="mono" title={row.peerId}>
                {row.peerId === undefined ? NONE : shortPeer(row.peerId)}
              </td>
              <td data-column={words.transport}>{row.transport === undefined ? NONE : transport[row.transport]}</td>
              <td data-column={words.answered}>{row.answerMs === undefined ? NONE : milliseconds(row.answerMs)}</td>
              <td data-column={words.checked}>{row.verifyUs === undefined ? NONE : microseconds(row.verifyUs)}</td>
              <td data-column={words.bytes}>{row.bytes === 0 ? NONE : size(row.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
