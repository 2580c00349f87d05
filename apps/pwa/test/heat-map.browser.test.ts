/** The painter on a real canvas: what it touches, and that marks differ in more than colour. */
import type { RowVerdict, RowView } from '@perigee/sampler';
import { afterEach, describe, expect, it } from 'vitest';
import { gridOf, middleOf } from '../src/view/heat-map/grid.ts';
import { MARKS, type RowMark } from '../src/view/heat-map/marks.ts';
import { HeatMapPainter } from '../src/view/heat-map/painter.ts';

const K = 4096;
const TOTAL = 16_384;
const NAMES = Object.keys(MARKS) as RowMark[];
const VERDICTS = NAMES.filter((name): name is RowVerdict => name !== 'page');
const ONE_COLOUR = Object.fromEntries(NAMES.map((name) => [name, '#000'])) as Record<RowMark, string>;
const palette = { ground: '#fff', original: '#ddd', parity: '#eee', marks: ONE_COLOUR };

let canvas: HTMLCanvasElement | undefined;
afterEach(() => canvas?.remove());

function painterOf(width = 818, height = 320, total = TOTAL) {
  canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  document.body.append(canvas);
  const painter = new HeatMapPainter(canvas);
  const grid = gridOf(width, height, total);
  const layout = { grid, k: Math.min(K, total), palette, scale: 1 };
  painter.lay(layout);
  return { painter, grid, layout, context: canvas.getContext('2d') }; // the painter's own
}

function row(index: number, mark: RowMark): RowView {
  return {
    index,
    verdict: mark === 'page' ? 'verified' : mark,
    peerId: undefined,
    transport: undefined,
    fromPage: mark === 'page',
    answerMs: undefined,
    verifyUs: undefined,
    bytes: 0,
  };
}

describe('HeatMapPainter', () => {
  it('touches only cells whose verdict changed', () => {
    const { painter, layout } = painterOf();
    const asked = Array.from({ length: 20 }, (_, i) => row(i * 700, 'asked'));
    expect(painter.draw(asked)).toBe(20);
    expect(painter.draw(asked)).toBe(0);
    expect(painter.draw(asked.map((one, i) => (i < 3 ? row(one.index, 'verified') : one)))).toBe(3);
    painter.lay(layout);
    expect(painter.draw(asked)).toBe(20);
  });

  it('gives each verdict a shape of its own: in one colour they all differ, at the smallest size too', () => {
    const { painter, grid, context } = painterOf();
    painter.draw(NAMES.map((name, i) => row(5_000 + i * 40, name)));
    const pictures = NAMES.map((_, i) => {
      const { x, y } = middleOf(grid, 5_000 + i * 40);
      return context?.getImageData(Math.round(x - 5.5), Math.round(y - 5.5), 11, 11).data.filter((_, at) => at % 4 === 0);
    });
    pictures.forEach((one, i) => {
      pictures.slice(i + 1).forEach((other, j) => {
        const differing = one?.filter((value, at) => Math.abs(value - (other?.[at] ?? 0)) > 96).length ?? 0;
        expect([NAMES[i], NAMES[i + 1 + j], differing >= 12]).toEqual([NAMES[i], NAMES[i + 1 + j], true]);
      });
    });
  });

  it('tells original rows that were not asked for from parity rows', () => {
    const { painter, grid, context } = painterOf();
    painter.draw([]);
    const tone = (index: number) => {
      const { x, y } = middleOf(grid, index);
      return context?.getImageData(Math.floor(x), Math.floor(y), 1, 1).data[0];
    };
    expect([tone(0), tone(K - 1), tone(K), tone(TOTAL - 1)]).toEqual([0xdd, 0xdd, 0xee, 0xee]);
  });

  it('says what a frame takes at 16,384 rows', () => {
    const { painter, layout, context } = painterOf();
    const frames = (rows: (frame: number) => readonly RowView[], before: () => void = () => {}) => {
      const times = Array.from({ length: 60 }, (_, frame) => {
        before();
        const given = rows(frame);
        const start = performance.now();
        painter.draw(given);
        context?.getImageData(0, 0, 1, 1); // until the canvas has really been painted
        return performance.now() - start;
      }).sort((a, b) => a - b);
      return `${times[30]?.toFixed(2)} ms, at most ${times.at(-1)?.toFixed(2)} ms`;
    };
    const verdictAt = (i: number) => VERDICTS[i % VERDICTS.length] ?? 'asked';
    const drawn = Array.from({ length: 512 }, (_, i) => (i * 10_007) % TOTAL);
    console.log(
      [
        `all anew, 512 drawn: ${frames(
          (frame) => drawn.map((index, i) => row(index, verdictAt(i + frame))),
          () => painter.lay(layout),
        )}`,
        `10 of 512 change: ${frames((frame) => drawn.map((index, i) => row(index, verdictAt(i + (i % 51 === 0 ? frame : 0)))))}`,
        `all 16,384 rows change: ${frames((frame) => Array.from({ length: TOTAL }, (_, i) => row(i, verdictAt(i + frame))))}`,
      ].join('\n'),
    );
  });
});
