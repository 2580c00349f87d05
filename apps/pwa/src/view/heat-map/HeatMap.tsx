import type { RowView } from '@perigee/sampler';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { rows as words } from '../../strings/index.ts';
import { type Grid, gridOf, middleOf, nearestRow, type Point, rowAt } from './grid.ts';
import { moveTo } from './move.ts';
import { HeatMapPainter } from './painter.ts';
import { onPaletteChange, paletteOf } from './palette.ts';
import { onPixelRatioChange } from './pixel-ratio.ts';

/** How far from a drawn row a pointer may be and still mean it, CSS pixels. */
const REACH = 14;
/** Smallest side of the frame around the row that is shown, CSS pixels. */
const MIN_CURSOR = 19;

export interface HeatMapProps {
  readonly rows: readonly RowView[];
  /** Indices of `rows`, ascending. */
  readonly asked: readonly number[];
  readonly k: number;
  /** At least 1. */
  readonly total: number;
  /** Row that is shown in words beside the map. */
  readonly shown: number;
  /** What a screen reader says of it. */
  readonly shownText: string;
  readonly onShow: (row: number) => void;
}

/**
 * All rows of a blob on one canvas. One stop of the tab key: it behaves as a slider over the rows, so that every screen reader speaks the row that
 * the keys lead to.
 */
export function HeatMap({ rows, asked, k, total, shown, shownText, onShow }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const cursor = useRef<HTMLSpanElement>(null);
  const map = useRef<{ painter: HeatMapPainter; grid: Grid; scale: number } | undefined>(undefined);
  const latest = useRef({ rows, shown });
  latest.current = { rows, shown };

  const placeCursor = () => {
    if (map.current === undefined || cursor.current === null) return;
    const { grid, scale } = map.current;
    const { x, y } = middleOf(grid, latest.current.shown);
    const { style } = cursor.current;
    style.transform = `translate(${x / scale}px, ${y / scale}px)`;
    style.setProperty('--side', `${Math.max(grid.side / scale + 4, MIN_CURSOR)}px`);
  };

  useLayoutEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const painter = new HeatMapPainter(element);
    const lay = () => {
      const scale = devicePixelRatio;
      const width = Math.max(1, Math.round(element.clientWidth * scale));
      const height = Math.max(1, Math.round(element.clientHeight * scale));
      if (element.width !== width) element.width = width;
      if (element.height !== height) element.height = height;
      const grid = gridOf(width, height, total);
      map.current = { painter, grid, scale };
      painter.lay({ grid, k, palette: paletteOf(element), scale });
      painter.draw(latest.current.rows);
      placeCursor();
    };
    lay();
    const observer = new ResizeObserver(lay);
    observer.observe(element);
    const forgetPalette = onPaletteChange(lay);
    const forgetRatio = onPixelRatioChange(lay);
    return () => {
      observer.disconnect();
      forgetPalette();
      forgetRatio();
    };
  }, [k, total]);

  useLayoutEffect(() => {
    map.current?.painter.draw(rows);
  }, [rows]);
  useLayoutEffect(placeCursor, [shown]);

  const onPointer = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    if (map.current === undefined) return;
    const { grid, scale } = map.current;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const point: Point = { x: (event.clientX - left) * scale, y: (event.clientY - top) * scale };
    onShow(nearestRow(grid, point, asked, REACH * scale) ?? rowAt(grid, point));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = moveTo(event.key, { from: shown, total, columns: map.current?.grid.columns ?? 1, asked });
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onShow(to);
  };
  return (
    <div
      class="map"
      role="slider"
      tabIndex={0}
      aria-label={words.map}
      aria-valuemin={0}
      aria-valuemax={total - 1}
      aria-valuenow={shown}
      aria-valuetext={shownText}
      onKeyDown={onKeyDown}
      onPointerMove={onPointer}
      onPointerDown={onPointer}
    >
      <canvas ref={canvas} />
      <span class="cursor" ref={cursor} aria-hidden="true" />
    </div>
  );
}
