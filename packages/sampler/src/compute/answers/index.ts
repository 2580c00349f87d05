export { AnswerChecker, failureOf, type OpenCheck } from './answer-checker.ts';
export type { AnswerExpectation, AnswerStand, JudgedReceipt } from './answer-jobs.ts';
