export {
  ANSWER_CHECKS,
  type AnswerCheck,
  type AnswerCheckName,
  type AnswerOutcome,
  type AnswerVerdict,
  type Hardware,
} from './answer-checks.ts';
export {
  type ComputeAnswer,
  type ComputeClientOptions,
  createComputeClient,
  type Question,
  type Reply,
  type ReplyNews,
} from './client.ts';
export type { ComputePayer } from './prepay.ts';
export { findProvider, type RegisteredProvider } from './providers.ts';
