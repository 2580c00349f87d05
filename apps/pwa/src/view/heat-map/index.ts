export { HeatMap } from './HeatMap.tsx';
export { MARKS, type Mark } from './marks.ts';
export { nextAsked, previousAsked } from './move.ts';
