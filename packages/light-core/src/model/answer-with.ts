import { type ChatMessage, type InferenceParameters, MAX_TOP_K, PerigeeError, utf8 } from '@perigee/wire';
import type { Generated, GeneratedChunk, LanguageModel } from './model.ts';

/** Name and version, as receipts have it, of the arithmetic of `docs/model.md`: other numbers need another one. */
export const INT8_ENGINE = 'int8/1';

/** Roles that the model was trained with. */
const ROLES = ['system', 'user', 'assistant'] as const;

/**
 * Answers the messages of a request as its execution says. Whoever provides an answer, and whoever executes it again, calls this.
 *
 * @throws INVALID_ARGUMENT at once: a role that the model does not know, and what `generate` throws
 */
export function answerWith(
  model: LanguageModel,
  messages: readonly ChatMessage[],
  { maxTokens, temperatureMillionths, topPMillionths, seed = 0, stop }: InferenceParameters,
): Generator<GeneratedChunk, Generated, void> {
  const prompt = messages.map(({ role, content }) => {
    const known = ROLES.find((name) => name === role);
    if (known === undefined)
      throw new PerigeeError('INVALID_ARGUMENT', `a message has the role "${role}"; this model knows ${ROLES.join(', ')}`);
    return { role: known, text: content };
  });
  const stops = stop.map(utf8);
  return model.generate(prompt, { maxTokens, temperatureMillionths, topPMillionths, topK: MAX_TOP_K, seed, stops });
}
