/** What is asked of a model, who pays for it, and what the provider signs for (docs/compute.md). */
import {
  MAX_ANSWER_BYTES,
  MAX_ANSWER_CHUNKS,
  MAX_ANSWER_TOKENS,
  MAX_CHAT_MESSAGES,
  MAX_CHUNK_BYTES,
  MAX_EMBEDDING_DIMENSIONS,
  MAX_EMBEDDING_INPUTS,
  MAX_ENGINE_BYTES,
  MAX_INFERENCE_REQUEST_BYTES,
  MAX_MODEL_ID_BYTES,
  MAX_MODELS,
  MAX_PROMPT_PART_BYTES,
  MAX_ROLE_BYTES,
  MAX_SEALED_FRAME_BYTES,
  MAX_SEALED_REQUEST_BYTES,
  MAX_STOP_BYTES,
  MAX_STOP_TEXTS,
  MAX_TEMPERATURE_MILLIONTHS,
  MILLIONTHS,
  ORDER_NONCE_BYTES,
  REQUEST_SALT_BYTES,
} from '../limits-compute.ts';
import { MAX_RECEIPT_GROUNDS_BYTES } from '../limits-compute-chain.ts';
import {
  bool,
  bytes,
  embedded,
  fixedBytes,
  type Infer,
  message,
  optional,
  repeated,
  string,
  uint32,
  uint53,
  uint128,
} from '../proto/index.ts';
import { Auth } from './auth.ts';

/** What a model does. Numbers are final. */
export const MODEL_KIND = { chat: 1, embeddings: 2 } as const;
export type ModelKind = keyof typeof MODEL_KIND;

/** How an answer is drawn. Of embeddings all is zero. */
export const InferenceParameters = message('InferenceParameters', {
  maxTokens: [1, uint32(MAX_ANSWER_TOKENS)],
  /** 0 takes the likeliest token always. */
  temperatureMillionths: [2, uint32(MAX_TEMPERATURE_MILLIONTHS)],
  /** 1,000,000 for all tokens. */
  topPMillionths: [3, uint32(MILLIONTHS)],
  /** Of a request that names none the provider draws one, and says which. */
  seed: [4, optional(uint53())],
  stop: [5, repeated(string(MAX_STOP_BYTES), MAX_STOP_TEXTS)],
});
export type InferenceParameters = Infer<typeof InferenceParameters>;

export const ChatMessage = message('ChatMessage', {
  role: [1, string(MAX_ROLE_BYTES)],
  content: [2, string(MAX_PROMPT_PART_BYTES)],
});
export type ChatMessage = Infer<typeof ChatMessage>;

/** What is executed. requestHash = SHA-256(`'perigee/inference/request/v0'` ‖ canonical InferenceRequest). */
export const InferenceRequest = message('InferenceRequest', {
  /** INFERENCE_VERSION. */
  version: [1, uint32()],
  /** MODEL_KIND. */
  kind: [2, uint32(255)],
  /** Storage root of the weights. */
  modelRoot: [3, fixedBytes(32)],
  /** REQUEST_SALT_BYTES of a CSPRNG, or none: then whoever sees the hash can try prompts. */
  salt: [4, bytes(REQUEST_SALT_BYTES)],
  messages: [5, repeated(embedded(ChatMessage), MAX_CHAT_MESSAGES)],
  inputs: [6, repeated(string(MAX_PROMPT_PART_BYTES), MAX_EMBEDDING_INPUTS)],
  parameters: [7, embedded(InferenceParameters)],
});
export type InferenceRequest = Infer<typeof InferenceRequest>;

/**
 * What a payer signs: `'perigee/inference/order/v0' ‖ canonical PaymentOrderBody`, or typed data of the same fields (scheme 2).
 * orderId = SHA-256 of those bytes, whichever scheme signed.
 */
export const PaymentOrderBody = message('PaymentOrderBody', {
  /** INFERENCE_VERSION. */
  version: [1, uint32()],
  genesisHash: [2, fixedBytes(32)],
  /** Account that is paid. */
  provider: [3, fixedBytes(20)],
  /** Account that pays; zeros where nobody does. */
  payer: [4, fixedBytes(20)],
  modelRoot: [5, fixedBytes(32)],
  requestHash: [6, fixedBytes(32)],
  /** Smallest units, the most that the answer may cost. */
  maxFee: [7, uint128()],
  /** From a CSPRNG; (payer, provider, nonce) is paid for once. */
  nonce: [8, fixedBytes(ORDER_NONCE_BYTES)],
  /** Last height of a block that may settle it. */
  expiryHeight: [9, uint53()],
});
export type PaymentOrderBody = Infer<typeof PaymentOrderBody>;

export const PaymentOrder = message('PaymentOrder', {
  body: [1, embedded(PaymentOrderBody)],
  /** As of a transaction, scheme 1 or 2; none where nobody pays. */
  auth: [2, optional(embedded(Auth))],
});
export type PaymentOrder = Infer<typeof PaymentOrder>;

/** Who signs for a provider. Numbers are those of AUTH_SCHEME. */
export const SIGNER_SCHEME = { ed25519: 1, secp256k1: 2 } as const;

export const SignerKey = message('SignerKey', {
  scheme: [1, uint32()],
  /** ed25519: the key, 32 bytes. secp256k1: its Ethereum address, 20 bytes. */
  key: [2, bytes(32)],
});
export type SignerKey = Infer<typeof SignerKey>;

/** Smallest units. fee = perRequest + promptTokens · perPromptToken + answerTokens · perAnswerToken. */
export const InferencePrice = message('InferencePrice', {
  perRequest: [1, uint128()],
  perPromptToken: [2, uint128()],
  perAnswerToken: [3, uint128()],
});
export type InferencePrice = Infer<typeof InferencePrice>;

/** What ran, said before the answer begins. executionHash = SHA-256(`'perigee/inference/execution/v0'` ‖ canonical InferenceExecution). */
export const InferenceExecution = message('InferenceExecution', {
  /** INFERENCE_VERSION. */
  version: [1, uint32()],
  orderId: [2, fixedBytes(32)],
  /** Of the weights that are loaded. */
  modelRoot: [3, fixedBytes(32)],
  /** SHA-256 of the evidence that binds the signing key; none without evidence. */
  evidenceId: [4, optional(fixedBytes(32))],
  /** Name and version of the program that ran the model. */
  engine: [5, string(MAX_ENGINE_BYTES)],
  /** As they were used, always with a seed. */
  parameters: [6, embedded(InferenceParameters)],
  price: [7, embedded(InferencePrice)],
});
export type InferenceExecution = Infer<typeof InferenceExecution>;

export const InferenceUsage = message('InferenceUsage', { promptTokens: [1, uint53()], answerTokens: [2, uint53()] });
export type InferenceUsage = Infer<typeof InferenceUsage>;

/** How an answer ended. Numbers are final; 0 says that it goes on. */
export const FINISH = { none: 0, stop: 1, length: 2 } as const;

/**
 * What the provider signs every CHECKPOINT_CHUNKS pieces or CHECKPOINT_MS, and at the end: `'perigee/inference/checkpoint/v0' ‖ canonical CheckpointBody`;
 * with secp256k1 the Keccak-256 of that. Each covers all that came before it.
 */
export const CheckpointBody = message('CheckpointBody', {
  /** INFERENCE_VERSION. */
  version: [1, uint32()],
  orderId: [2, fixedBytes(32)],
  /** Of what the provider executed, as it hashed it itself. */
  requestHash: [3, fixedBytes(32)],
  executionHash: [4, fixedBytes(32)],
  /** Counts up from 1. */
  sequence: [5, uint32()],
  /** Pieces and bytes of the answer so far. */
  chunks: [6, uint32()],
  bytes: [7, uint53()],
  /** h₀ = SHA-256(`'perigee/inference/answer/v0'` ‖ orderId ‖ salt), hᵢ = SHA-256(hᵢ₋₁ ‖ u32be(length) ‖ pieceᵢ). */
  runningHash: [8, fixedBytes(32)],
  usage: [9, embedded(InferenceUsage)],
  fee: [10, uint128()],
  /** FINISH. */
  finish: [11, uint32(255)],
});
export type CheckpointBody = Infer<typeof CheckpointBody>;

export const Checkpoint = message('Checkpoint', {
  body: [1, embedded(CheckpointBody)],
  /** ed25519: 64 bytes. secp256k1: `r ‖ s ‖ v`, s in the lower half, v 27 or 28. */
  signature: [2, bytes(65)],
});
export type Checkpoint = Infer<typeof Checkpoint>;

/** What a provider is paid by: who is to pay, and what was signed last. */
export const FeeClaim = message('FeeClaim', { order: [1, embedded(PaymentOrder)], checkpoint: [2, embedded(Checkpoint)] });
export type FeeClaim = Infer<typeof FeeClaim>;

/** Who was to pay for what, what ran, and what the provider signed last. */
export const InferenceReceipt = message('InferenceReceipt', {
  /** INFERENCE_VERSION. */
  version: [1, uint32()],
  order: [2, embedded(PaymentOrder)],
  execution: [3, embedded(InferenceExecution)],
  checkpoint: [4, embedded(Checkpoint)],
  signer: [5, embedded(SignerKey)],
});
export type InferenceReceipt = Infer<typeof InferenceReceipt>;

/** The pieces of an answer. */
export const InferenceAnswer = message('InferenceAnswer', { chunks: [1, repeated(bytes(MAX_CHUNK_BYTES), MAX_ANSWER_CHUNKS)] });
export type InferenceAnswer = Infer<typeof InferenceAnswer>;

/** What a file with a receipt holds, behind `PGRC` and the SHA-256 of it. */
export const OpenedReceipt = message('OpenedReceipt', {
  receipt: [1, embedded(InferenceReceipt)],
  /** What opens the receipt's hashes: none where they are kept to oneself. */
  request: [2, optional(embedded(InferenceRequest))],
  answer: [3, optional(embedded(InferenceAnswer, 2 * MAX_ANSWER_BYTES))],
  /** A canonical ReceiptGrounds: what bound the provider's key to hardware when it answered. */
  grounds: [4, optional(bytes(MAX_RECEIPT_GROUNDS_BYTES))],
});
export type OpenedReceipt = Infer<typeof OpenedReceipt>;

/** What a provider says before the first piece of an answer. */
export const InferenceOpening = message('InferenceOpening', {
  /** As it was sent, or the provider's own where nobody pays. */
  order: [1, embedded(PaymentOrder)],
  execution: [2, embedded(InferenceExecution)],
  signer: [3, embedded(SignerKey)],
});
export type InferenceOpening = Infer<typeof InferenceOpening>;

/** A model that a provider serves: its word, to be held against what it has registered. */
export const ModelOffer = message('ModelOffer', {
  id: [1, string(MAX_MODEL_ID_BYTES)],
  /** MODEL_KIND. */
  kind: [2, uint32(255)],
  modelRoot: [3, fixedBytes(32)],
  engine: [4, string(MAX_ENGINE_BYTES)],
  /** Tokens of prompt and answer together, and of an answer, at most. */
  contextTokens: [5, uint32()],
  maxAnswerTokens: [6, uint32(MAX_ANSWER_TOKENS)],
  /** Numbers of one embedding. */
  dimensions: [7, uint32(MAX_EMBEDDING_DIMENSIONS)],
  price: [8, embedded(InferencePrice)],
  provider: [9, fixedBytes(20)],
  signer: [10, embedded(SignerKey)],
  evidenceId: [11, optional(fixedBytes(32))],
  /** Whether anyone can run a request again and must get the same bytes. */
  reproducible: [12, bool()],
});
export type ModelOffer = Infer<typeof ModelOffer>;

/** Asks for the models, or for an answer. */
export const InferenceCall = message('InferenceCall', {
  /** What is asked; none for the list of models. */
  request: [1, optional(embedded(InferenceRequest, MAX_INFERENCE_REQUEST_BYTES))],
  /** None where nobody pays. */
  order: [2, optional(embedded(PaymentOrder))],
  /** In place of the request: the same as an envelope of `0g-pc/v1`, JSON as it goes over HTTP, which only who has the enclave's key opens. */
  sealed: [3, optional(bytes(MAX_SEALED_REQUEST_BYTES))],
});
export type InferenceCall = Infer<typeof InferenceCall>;

/** One frame: the models, or of an answer its opening, then pieces and checkpoints in their order; of a sealed one envelopes with those. */
export const InferenceFrame = message('InferenceFrame', {
  models: [1, repeated(embedded(ModelOffer), MAX_MODELS)],
  opening: [2, optional(embedded(InferenceOpening))],
  chunk: [3, optional(bytes(MAX_CHUNK_BYTES))],
  checkpoint: [4, optional(embedded(Checkpoint))],
  /** In place of those, of a request that was sealed: an envelope with the next frame as OpenAI's clients read it, sealed to who asked. */
  sealed: [5, optional(bytes(MAX_SEALED_FRAME_BYTES))],
});
export type InferenceFrame = Infer<typeof InferenceFrame>;
