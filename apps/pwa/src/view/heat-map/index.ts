export { HeatMap } from './HeatMap.tsx';
export { MARKS, type Mark, markOf, type RowMark } from './marks.ts';
export { nextAsked, previousAsked } from './move.ts';
export { onPaletteChange } from './palette.ts';
