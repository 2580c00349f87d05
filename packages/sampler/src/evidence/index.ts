export { Evidences, type EvidencesOptions } from './evidences.ts';
