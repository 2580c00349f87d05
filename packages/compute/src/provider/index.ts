export {
  type ComputeNode,
  type ComputeNodeOptions,
  createComputeNode,
  type RegistrationEvidence,
  type Settlement,
} from './chain/index.ts';
export { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from './http/index.ts';
export { serveInference } from './inference-service.ts';
export { PaidLedger } from './paid-ledger.ts';
export {
  type AnswerCaller,
  Provider,
  type ProviderEvent,
  type ProviderIdentity,
  type ProviderOptions,
  type ServedModel,
  type Standing,
} from './provider.ts';
