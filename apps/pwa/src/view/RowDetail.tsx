import type { RowView } from '@perigee/sampler';
import { count, microseconds, milliseconds, shortPeer, size } from '../format.ts';
import { transport, verdict as verdictWords, rows as words } from '../strings/index.ts';
import { Fact } from './Fact.tsx';
import { markOf, nextAsked, previousAsked } from './heat-map/index.ts';

export interface RowDetailProps {
  /** Row that the map points at; `undefined` while there is no map. */
  readonly index: number | undefined;
  /** What became of it; `undefined` when it was not asked for. */
  readonly row: RowView | undefined;
  readonly k: number;
  /** Rows of the blob. */
  readonly total: number;
  /** Ascending. */
  readonly asked: readonly number[];
  readonly onShow: (row: number) => void;
}

/** What became of one row. Its place is kept when there is none. */
export function RowDetail({ index, row, k, total, asked, onShow }: RowDetailProps) {
  const from = index ?? 0;
  return (
    <div class="detail" data-verdict={row?.verdict}>
      <div class="detail-head">
        <p>
          {index === undefined ? (
            words.none
          ) : (
            <>
              <strong>{words.rowName(count(index), index < k ? words.original : words.parity)}</strong>{' '}
              {verdictWords[row === undefined ? 'none' : markOf(row)].meaning}
            </>
          )}
        </p>
        <Step label={words.previous} sign="‹" to={previousAsked(asked, from)} onShow={onShow} />
        <Step label={words.next} sign="›" to={nextAsked(asked, from)} onShow={onShow} />
      </div>
      <dl class="wide">
        <Fact name={words.peer} title={row?.peerId} mono>
          {row?.peerId === undefined ? undefined : shortPeer(row.peerId)}
        </Fact>
        <Fact name={words.transport}>{row?.transport === undefined ? undefined : transport[row.transport]}</Fact>
        <Fact name={words.answered}>{row?.answerMs === undefined ? undefined : milliseconds(row.answerMs)}</Fact>
        <Fact name={words.checked}>{row?.verifyUs === undefined ? undefined : microseconds(row.verifyUs)}</Fact>
        <Fact name={words.bytes}>{row === undefined || row.bytes === 0 ? undefined : size(row.bytes)}</Fact>
        <Fact name={words.depth}>{row?.verdict === 'verified' ? count(depthOf(total)) : undefined}</Fact>
      </dl>
      <p class="quiet keys">{words.keys}</p>
    </div>
  );
}

/** Siblings on the path from a row to the root, which a verified proof has exactly (wasm-codec, verify.ts). */
function depthOf(total: number): number {
  return Math.ceil(Math.log2(total));
}

interface StepProps {
  readonly label: string;
  readonly sign: string;
  readonly to: number | undefined;
  readonly onShow: (row: number) => void;
}

/** For a finger, which cannot hit a cell of a large blob. */
function Step({ label, sign, to, onShow }: StepProps) {
  return (
    <button
      type="button"
      class="control step"
      aria-label={label}
      title={label}
      aria-disabled={to === undefined}
      onClick={() => {
        if (to !== undefined) onShow(to);
      }}
    >
      {sign}
    </button>
  );
}
