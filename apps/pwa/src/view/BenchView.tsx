import '../style/bench.css';
import type { DeviceFigure } from '@perigee/da/measure';
import { benchOf } from '../bench/device-bench.ts';
import { count, sentence } from '../format.ts';
import type { ViewProps } from '../model/index.ts';
import { bench as words } from '../strings/bench/index.ts';
import { ColumnHeads } from './ColumnHeads.tsx';
import { ScrollRegion } from './ScrollRegion.tsx';

/** How fast this device does what publishing and verifying take. */
export function BenchView({ model }: Pick<ViewProps, 'model'>) {
  const bench = benchOf(model);
  const state = bench.state.value;
  const isRunning = state.phase === 'running';
  return (
    <section class="card bench" aria-labelledby="bench-title" data-phase={state.phase}>
      <h2 id="bench-title" class="label">
        {words.title}
      </h2>
      <p>{words.what}</p>
      <p class="quiet">{words.meanwhile}</p>
      <p class="actions">
        {isRunning ? (
          <button type="button" class="control" onClick={() => bench.stop()}>
            {words.stop}
          </button>
        ) : (
          <button type="button" class="control" onClick={() => void bench.start()}>
            {state.phase === 'idle' ? words.start : words.again}
          </button>
        )}
        {state.phase === 'done' ? (
          <button type="button" class="control" onClick={() => bench.save()}>
            {words.save}
          </button>
        ) : null}
      </p>
      {isRunning ? (
        <p class="measuring">
          <progress aria-label={words.running} value={state.done} max={1} />
          <span class="quiet">{words.progress(`${count(Math.floor(100 * state.done))} %`)}</span>
        </p>
      ) : null}
      <p class="quiet" role="status">
        {state.phase === 'stopped' ? words.stopped : null}
        {state.phase === 'failed' ? words.failed(sentence(state.message)) : null}
        {state.phase === 'done' ? words.done(count(state.threads)) : null}
      </p>
      {state.phase === 'done' ? <Figures figures={state.figures} /> : null}
    </section>
  );
}

function Figures({ figures }: { readonly figures: readonly DeviceFigure[] }) {
  const copy = figures.find(({ name }) => name === 'copy');
  const { name, median, beside } = words.columns;
  return (
    <ScrollRegion label={words.caption}>
      <table>
        <ColumnHeads names={[name, median, beside]} />
        <tbody>
          {figures.map((figure) => (
            <tr key={figure.name} data-figure={figure.name} data-median={figure.median}>
              <th scope="row">
                {words.figure[figure.name].name}
                <small class="quiet">{words.figure[figure.name].note}</small>
              </th>
              <td data-column={median} class="value">
                {`${short(figure.median)} ${figure.unit}`}
                <small class="quiet">{words.range(short(figure.min), short(figure.max))}</small>
              </td>
              <td data-column={beside} class="value quiet">
                {besideCopy(figure, copy)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** A rate as a share of that of a plain copy, rounded like the rates. */
function besideCopy({ unit, median }: DeviceFigure, copy: DeviceFigure | undefined): string {
  if (copy === undefined || copy.median === 0 || (unit !== 'MB/s' && unit !== 'Gbit/s')) return words.noRatio;
  const bytes = unit === 'MB/s' ? median : median * 125; // Gbit/s in MB/s
  return `${short((100 * bytes) / copy.median)} %`;
}

/** Three significant digits. */
function short(value: number): string {
  return value >= 999.5 ? count(value) : value.toPrecision(3);
}
