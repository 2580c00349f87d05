export { answerWith, INT8_ENGINE } from './answer-with.ts';
export { MAX_MULTIPLIER, MAX_SHIFT, MIN_MULTIPLIER, MIN_SHIFT } from './arithmetic.ts';
export type { Sampling } from './choose.ts';
export { type MatrixKernel, type Multiply, scalarMatrices } from './matrices.ts';
export {
  type Generated,
  type GeneratedChunk,
  type GenerationParameters,
  type LanguageModel,
  loadModel,
  type Usage,
} from './model.ts';
export { createNetwork, type Network, Passage } from './network.ts';
export { type Prompt, type PromptMessage, promptTokens } from './prompt.ts';
export { chunksOf, createTokenizer, FIRST_MERGE, type Merge, SIGNS, type Tokenizer } from './tokenizer.ts';
export {
  formatWeights,
  type LayerWeights,
  type Matrix,
  type ModelShape,
  NO_SLOPE,
  parseWeights,
  type Weights,
} from './weights.ts';
