import { PerigeeError, PROMPT_TOKENS_PER_STEP } from '@perigee/wire';
import { checkSampling, chooseToken, type Sampling } from './choose.ts';
import { type MatrixKernel, scalarMatrices } from './matrices.ts';
import { createNetwork, Passage } from './network.ts';
import { type Prompt, promptTokens } from './prompt.ts';
import { checkStops, StopFilter } from './stop.ts';
import { createTokenizer, SIGNS } from './tokenizer.ts';
import { type ModelShape, parseWeights } from './weights.ts';

export interface GenerationParameters extends Sampling {
  /** Tokens of the answer at most, at least 1; as many as the context has left, if not given. */
  readonly maxTokens?: number;
  /** The answer ends before the first of these texts. */
  readonly stops?: readonly Uint8Array[];
}

export interface Usage {
  readonly promptTokens: number;
  /** Tokens that were chosen, the end not counted. */
  readonly completionTokens: number;
}

/** What one step gave: bytes of the answer, which need not end with a character; none while the prompt is read or a stop may be coming. */
export interface GeneratedChunk {
  readonly bytes: Uint8Array;
  readonly usage: Usage;
}

export interface Generated {
  /** `stop`: the model ended the answer, or a stop came; `length`: it has as many tokens as it may. */
  readonly finish: 'stop' | 'length';
  readonly usage: Usage;
}

export interface LanguageModel {
  readonly name: string;
  readonly shape: ModelShape;
  /** Tokens that a prompt has. @throws INVALID_ARGUMENT */
  count(prompt: Prompt): number;
  /**
   * Answers a prompt. The same weights, prompt and parameters give the same chunks on every machine, so that to execute an answer again is to call this
   * again. Work is done in `next`, a token each; whoever stops asking has ended it.
   *
   * @throws INVALID_ARGUMENT at once: parameters out of bounds, a prompt over limits or one that leaves no room in the context
   */
  generate(prompt: Prompt, parameters: GenerationParameters): Generator<GeneratedChunk, Generated, void>;
}

/**
 * @param file of weights, from anyone
 * @param kernel who multiplies matrices; TypeScript, if not given
 * @throws PARSE, UNKNOWN_VERSION; OUT_OF_MEMORY by the kernel
 */
export function loadModel(file: Uint8Array, kernel: MatrixKernel = scalarMatrices): LanguageModel {
  const weights = parseWeights(file);
  const network = createNetwork(weights, kernel);
  const tokenizer = createTokenizer(weights.merges);
  const { context } = weights.shape;

  function* run(
    prompt: readonly number[],
    parameters: GenerationParameters,
    maxTokens: number,
  ): Generator<GeneratedChunk, Generated, void> {
    const passage = new Passage(network);
    const filter = new StopFilter(parameters.stops ?? []);
    let completionTokens = 0;
    const usage = (): Usage => ({ promptTokens: prompt.length, completionTokens });
    for (const [i, token] of prompt.entries()) {
      passage.read(token);
      if ((i + 1) % PROMPT_TOKENS_PER_STEP === 0) yield { bytes: new Uint8Array(0), usage: usage() };
    }
    while (completionTokens < maxTokens) {
      const token = chooseToken(passage.logits(), parameters, completionTokens);
      if (token === SIGNS.end) {
        yield { bytes: filter.rest().bytes, usage: usage() };
        return { finish: 'stop', usage: usage() };
      }
      completionTokens++;
      const { bytes, stopped } = filter.add(tokenizer.bytesOf(token));
      yield { bytes, usage: usage() };
      if (stopped) return { finish: 'stop', usage: usage() };
      if (completionTokens < maxTokens) passage.read(token);
    }
    const { bytes, stopped } = filter.rest();
    yield { bytes, usage: usage() };
    return { finish: stopped ? 'stop' : 'length', usage: usage() };
  }

  return {
    name: weights.name,
    shape: weights.shape,
    count: (prompt) => promptTokens(tokenizer, prompt).length,
    generate(prompt, parameters) {
      checkSampling(parameters);
      checkStops(parameters.stops ?? []);
      const tokens = promptTokens(tokenizer, prompt);
      const left = context - tokens.length;
      if (left < 1) {
        const data = { tokens: tokens.length, context };
        throw new PerigeeError(
          'INVALID_ARGUMENT',
          `the prompt has ${tokens.length} tokens and the context ${context}: shorten it`,
          { data },
        );
      }
      const { maxTokens = left } = parameters;
      if (!Number.isSafeInteger(maxTokens) || maxTokens < 1)
        throw new PerigeeError('INVALID_ARGUMENT', `an answer of at most ${maxTokens} tokens was asked for; ask for 1 or more`);
      return run(tokens, parameters, Math.min(maxTokens, left));
    },
  };
}
