import type { RowView } from '@perigee/sampler';
import { count, microseconds, milliseconds, shortPeer, size } from '../format.ts';
import { NONE, transport, verdict as verdictWords, rows as words } from '../strings/index.ts';
import { ScrollRegion } from './ScrollRegion.tsx';

export interface RowTableProps {
  readonly rows: readonly RowView[];
  readonly k: number;
}

/** Every drawn row and all that is known of it, for those whom cells and strokes do not serve. */
export function RowTable({ rows, k }: RowTableProps) {
  return (
    <details class="more">
      <summary>{words.table}</summary>
      <ScrollRegion label={words.title}>
        <table>
          <thead>
            <tr>
              {[
                words.row,
                words.part,
                words.verdict,
                words.peer,
                words.transport,
                words.answered,
                words.checked,
                words.bytes,
              ].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.index}>
                <th scope="row">{count(row.index)}</th>
                <td>{row.index < k ? words.original : words.parity}</td>
                <td>{verdictWords[row.verdict].name}</td>
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
    </details>
  );
}
