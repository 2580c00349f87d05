export { AnswerChecker, failureOf, type OpenCheck } from './answer-checker.ts';
export type { AnswerStand } from './answer-jobs.ts';
