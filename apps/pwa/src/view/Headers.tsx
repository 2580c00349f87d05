import type { HeaderView } from '@perigee/sampler';
import { useSignal } from '@preact/signals';
import { count, keyOf, milliseconds, percent, shortKey, time } from '../format.ts';
import type { Model } from '../model/index.ts';
import { headers as words } from '../strings/below/index.ts';
import { NONE } from '../strings/index.ts';
import { ColumnHeads } from './ColumnHeads.tsx';
import { RangeBar } from './RangeBar.tsx';
import { ScrollRegion } from './ScrollRegion.tsx';

/** Headers shown at first, and with each further wish. */
const LINES = 8;

const COLUMNS = [words.block, words.time, words.proposer, words.power, words.way, words.signatures, words.took];

/** The headers that were verified last, each with what vouches for it. */
export function Headers({ model }: { readonly model: Model }) {
  const lines = useSignal(LINES);
  const all = model.state.value?.headers ?? [];
  const hidden = all.length - lines.value;
  return (
    <section class="card headers" aria-labelledby="headers-title">
      <h2 id="headers-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{words.explain}</p>
      <RangeBar headers={all} />
      {all.length === 0 ? (
        <p class="quiet empty">{words.none}</p>
      ) : (
        <ScrollRegion label={words.title}>
          <table>
            <ColumnHeads names={COLUMNS} />
            <tbody>
              {all.slice(0, lines.value).map((header) => (
                <Line key={header.height} header={header} nowMs={model.now.peek()} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {hidden <= 0 ? null : (
        <p class="actions">
          <button
            type="button"
            class="control"
            onClick={() => {
              lines.value += LINES;
            }}
          >
            {words.more(count(Math.min(LINES, hidden)))}
          </button>
        </p>
      )}
    </section>
  );
}

function Line({ header, nowMs }: { readonly header: HeaderView; readonly nowMs: number }) {
  const { height, headerHash, timeMs, proposer, signedPower, way, from, signatures, validators, verifyMs } = header;
  return (
    <tr data-header={height} data-way={way}>
      <th scope="row" data-column={words.block} title={headerHash}>
        {count(height)}
      </th>
      <td data-column={words.time}>{time(timeMs, nowMs)}</td>
      <td data-column={words.proposer} class="mono" title={keyOf(proposer)}>
        {shortKey(proposer)}
      </td>
      <td data-column={words.power}>{signedPower === undefined ? NONE : percent(signedPower)}</td>
      <td data-column={words.way}>{words.ways[way](from === undefined ? NONE : count(from))}</td>
      <td data-column={words.signatures}>{words.checked(count(signatures), count(validators))}</td>
      <td data-column={words.took}>{milliseconds(verifyMs)}</td>
    </tr>
  );
}
