export { Evidences } from './evidences.ts';
