import 'uplot/dist/uPlot.min.css';
import { useLayoutEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { time } from '../../format.ts';
import { onPaletteChange } from '../heat-map/index.ts';

const HEIGHT = 140;
/** Room for the figures beside the lines, CSS pixels. */
const AXIS = 64;

export interface Line {
  readonly name: string;
  /** A colour of the page. */
  readonly colour: '--accent' | '--good' | '--warn';
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  /** What it shows now, in words. */
  readonly text: string;
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  /** A value as people read it. */
  readonly format: (value: number) => string;
  /** Bytes have their figures at powers of two. */
  readonly isBinary?: boolean;
}

const BINARY_STEPS = Array.from({ length: 41 }, (_, i) => 2 ** i);

/** Lines over time on a canvas. It says in words what it shows now, and takes the colours of the theme. */
export function Chart(props: ChartProps) {
  const { title, text, times, lines } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const data: UPlot.AlignedData = [times.map((ms) => ms / 1_000), ...lines.map(({ values }) => [...values])];
  const latest = useRef(data);
  latest.current = data;

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new UPlot(optionsOf(element, props), latest.current, element);
    };
    make();
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    const forget = onPaletteChange(make);
    return () => {
      observer.disconnect();
      forget();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, []);
  useLayoutEffect(() => plot.current?.setData(data), [times]);

  return (
    <figure class="chart">
      <figcaption>
        <span class="label">{title}</span>
        <span class="keys">
          {lines.map(({ name, colour }) => (
            <span key={name} class="key">
              <i style={{ background: `var(${colour})` }} aria-hidden="true" />
              {name}
            </span>
          ))}
        </span>
      </figcaption>
      <div class="plot" role="img" aria-label={text} ref={place} style={{ height: `${HEIGHT}px` }} />
    </figure>
  );
}

function optionsOf(element: HTMLElement, { lines, format, isBinary = false }: ChartProps): UPlot.Options {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: of('--quiet'),
    grid: { stroke: of('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [
      { ...axis, space: 90, size: 30, values: (_plot, ticks) => ticks.map((tick) => time(tick * 1_000, tick * 1_000)) },
      {
        ...axis,
        size: AXIS,
        space: 36,
        values: (_plot, ticks) => ticks.map((tick) => format(tick)),
        ...(isBinary && { incrs: BINARY_STEPS }),
      },
    ],
    series: [
      {},
      ...lines.map(({ name, colour }) => ({
        label: name,
        stroke: of(colour),
        width: 1.5,
        points: { show: false },
        spanGaps: false,
      })),
    ],
  };
}
