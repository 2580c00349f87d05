import { age, count, milliseconds, size, time } from '../../format.ts';
import { byMinute, type Point } from '../../network/history.ts';
import { NONE } from '../../strings/index.ts';
import { network as words } from '../../strings/network/index.ts';
import { ColumnHeads } from '../ColumnHeads.tsx';
import { ScrollRegion } from '../ScrollRegion.tsx';
import { Chart } from './Chart.tsx';

export interface SeriesProps {
  readonly points: readonly Point[];
  readonly nowMs: number;
}

const COLUMNS = [words.minute, words.received, words.sent, words.rowsOfMinute, words.latency];

/** What came, went, was verified and took how long, second by second; and as a table, minute by minute. */
export function Series({ points, nowMs }: SeriesProps) {
  const [first] = points;
  const last = points.at(-1);
  const times = points.map(({ atMs }) => atMs);
  const latency = (ms: number | undefined): string => (ms === undefined ? words.unknownLatency : milliseconds(ms));
  return (
    <section class="card series" aria-labelledby="series-title">
      <h2 id="series-title" class="label">
        {words.title}
      </h2>
      {first === undefined || last === undefined ? (
        <p class="quiet empty waiting">{words.collecting}</p>
      ) : (
        <>
          <p class="quiet">{words.note(age(nowMs - first.atMs))}</p>
          <div class="charts">
            <Chart
              title={words.bytes}
              text={`${words.now(words.bytesIn, size(last.bytesIn))}, ${words.now(words.bytesOut, size(last.bytesOut))}`}
              times={times}
              lines={[
                { name: words.bytesIn, colour: '--accent', values: points.map(({ bytesIn }) => bytesIn) },
                { name: words.bytesOut, colour: '--warn', values: points.map(({ bytesOut }) => bytesOut) },
              ]}
              format={size}
              isBinary
            />
            <Chart
              title={words.rows}
              text={words.now(words.verified, count(last.rows))}
              times={times}
              lines={[{ name: words.verified, colour: '--good', values: points.map(({ rows }) => rows) }]}
              format={count}
            />
            <Chart
              title={words.latency}
              text={words.now(words.median, latency(last.latencyMs))}
              times={times}
              lines={[{ name: words.median, colour: '--accent', values: points.map(({ latencyMs }) => latencyMs ?? null) }]}
              format={milliseconds}
            />
          </div>
          <details class="more">
            <summary>{words.table}</summary>
            <ScrollRegion label={words.table}>
              <table>
                <caption>{words.tableCaption}</caption>
                <ColumnHeads names={COLUMNS} />
                <tbody>
                  {byMinute(points).map((minute) => (
                    <tr key={minute.atMs}>
                      <th scope="row">{time(minute.atMs, nowMs)}</th>
                      <td data-column={COLUMNS[1]}>{size(minute.bytesIn)}</td>
                      <td data-column={COLUMNS[2]}>{size(minute.bytesOut)}</td>
                      <td data-column={COLUMNS[3]}>{count(minute.rows)}</td>
                      <td data-column={COLUMNS[4]}>{minute.latencyMs === undefined ? NONE : milliseconds(minute.latencyMs)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          </details>
        </>
      )}
    </section>
  );
}
