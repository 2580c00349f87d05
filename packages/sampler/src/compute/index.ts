export {
  ANSWER_CHECKS,
  type AnswerCheck,
  type AnswerCheckName,
  type AnswerOutcome,
  type AnswerVerdict,
  type Hardware,
} from './answer-checks.ts';
export { AnswerChecker } from './answers/index.ts';
export type { Carrier } from './carriers/index.ts';
export {
  type ComputeAnswer,
  type ComputeClient,
  type ComputeClientOptions,
  createComputeClient,
  type Question,
  type Reply,
  type ReplyNews,
  type Texts,
} from './client.ts';
export type { ComputePayer } from './prepay.ts';
export { findProvider, type RegisteredProvider } from './providers.ts';
export { judgeReceipt, type ReceiptFinding } from './receipt-file.ts';
