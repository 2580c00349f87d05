import type { RowView } from '@perigee/sampler';
import { count, microseconds, milliseconds, shortPeer, size } from '../format.ts';
import { transport, verdict as verdictWords, rows as words } from '../strings/index.ts';
import { Fact } from './Fact.tsx';

export interface RowDetailProps {
  readonly row: RowView | undefined;
  readonly k: number;
}

/** What became of one row. Its place is kept when there is none. */
export function RowDetail({ row, k }: RowDetailProps) {
  return (
    <div class="detail" data-verdict={row?.verdict}>
      <p>
        {row === undefined ? (
          words.none
        ) : (
          <>
            <strong>
              {words.row} {count(row.index)}
            </strong>
            , {row.index < k ? words.original : words.parity}. {verdictWords[row.verdict].meaning}
          </>
        )}
      </p>
      <dl class="wide">
        <Fact name={words.peer} title={row?.peerId} mono>
          {row?.peerId === undefined ? undefined : shortPeer(row.peerId)}
        </Fact>
        <Fact name={words.transport}>{row?.transport === undefined ? undefined : transport[row.transport]}</Fact>
        <Fact name={words.answered}>{row?.answerMs === undefined ? undefined : milliseconds(row.answerMs)}</Fact>
        <Fact name={words.checked}>{row?.verifyUs === undefined ? undefined : microseconds(row.verifyUs)}</Fact>
        <Fact name={words.bytes}>{row === undefined || row.bytes === 0 ? undefined : size(row.bytes)}</Fact>
      </dl>
    </div>
  );
}
