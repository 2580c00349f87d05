/** What runs models. An engine knows nothing of who asks, who pays and what is signed. */
import type { ChatMessage, InferenceParameters, InferenceRequest, InferenceUsage } from '@perigee/wire';

/** What is true of a model whichever kind it is. */
interface ModelInfo {
  /** What clients call it, such as `perigee-int8-en`; one to MAX_MODEL_ID_BYTES bytes. */
  readonly id: string;
  /** Storage root of the weights that are loaded, 32 bytes: the engine hashed them itself. */
  readonly modelRoot: Uint8Array;
  /** Name and version of the program that runs it, such as `int8/1`: part of what a provider signs, at most MAX_ENGINE_BYTES bytes. */
  readonly engine: string;
  /** Tokens of prompt and answer together, at most. */
  readonly contextTokens: number;
  /**
   * Whether the same request gives the same bytes on every machine, so that anyone can run it again and prove that an answer is false.
   */
  readonly reproducible: boolean;
  /** Tokens of a prompt, before anything of it is run; an engine that cannot count them cheaply has none. */
  countPrompt?(request: Pick<InferenceRequest, 'messages' | 'inputs'>): number | Promise<number>;
  /** Answers that it makes at once; more wait in the provider's queue. */
  readonly concurrency: number;
}

/** How an answer is drawn: as was asked, and always with a seed. */
export interface DrawParameters extends Omit<InferenceParameters, 'seed'> {
  readonly seed: number;
}

/** A piece of an answer. */
export interface GeneratedPiece {
  /** The next bytes of the answer, in UTF-8 that may be cut within a character; empty only in the last piece. */
  readonly bytes: Uint8Array;
  /** Tokens so far: of the prompt, which stay the same, and of the answer. */
  readonly usage: InferenceUsage;
  /** Set in the last piece, and only there: `stop` for the model's end or one of the texts to stop at, `length` for no more room. */
  readonly finish?: 'stop' | 'length';
}

export interface ChatModel extends ModelInfo {
  readonly kind: 'chat';
  /** Tokens of an answer, at most. */
  readonly maxAnswerTokens: number;
  /**
   * Answers a conversation bit by bit; a bit is made when the one before it was taken. Texts to stop at are not part of the answer.
   *
   * @throws INVALID_ARGUMENT when the prompt leaves no room for an answer; ABORTED soon after the signal fires
   */
  generate(
    messages: readonly ChatMessage[],
    parameters: DrawParameters,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<GeneratedPiece>;
}

export interface EmbeddingModel extends ModelInfo {
  readonly kind: 'embeddings';
  /** Numbers of one vector. */
  readonly dimensions: number;
  /**
   * @returns a vector for each input, in their order, and how many tokens they had together
   * @throws INVALID_ARGUMENT when an input is longer than the model takes; ABORTED soon after the signal fires
   */
  embed(
    inputs: readonly string[],
    options: { readonly signal: AbortSignal },
  ): Promise<{ readonly vectors: readonly Float32Array[]; readonly promptTokens: number }>;
}

export type Model = ChatModel | EmbeddingModel;

/** Models that are loaded. */
export interface Engine {
  readonly models: readonly Model[];
  /** Gives their memory back; what runs ends with ABORTED. */
  close(): Promise<void>;
}
