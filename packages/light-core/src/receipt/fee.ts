/** What an answer costs, in whole smallest units. */
import {
  type InferenceParameters,
  type InferencePrice,
  type InferenceRequest,
  type InferenceUsage,
  MAX_STOP_BYTES,
  MAX_TEMPLATE_TOKENS,
  MODEL_KIND,
  utf8,
} from '@perigee/wire';
import { refuse } from './check.ts';

/** Amounts have 128 bits. */
const AMOUNT_END = 1n << 128n;

/**
 * @returns perRequest + promptTokens · perPromptToken + answerTokens · perAnswerToken
 * @throws RECEIPT (`fee`) when it has more than 128 bits
 */
export function feeOf(price: InferencePrice, { promptTokens, answerTokens }: InferenceUsage): bigint {
  const fee = price.perRequest + BigInt(promptTokens) * price.perPromptToken + BigInt(answerTokens) * price.perAnswerToken;
  if (fee >= AMOUNT_END) throw refuse('fee', 'the price and the usage give a fee of more than 128 bits');
  return fee;
}

/** The most tokens that a prompt can have, whatever the vocabulary: no token of it stands for less than a byte, but for those of the template. */
export function maxPromptTokens(request: InferenceRequest): number {
  const parts = [...request.messages.flatMap(({ role, content }) => [role, content]), ...request.inputs];
  const bytes = parts.reduce((sum, part) => sum + utf8(part).length, 0);
  return bytes + MAX_TEMPLATE_TOKENS * (request.messages.length + request.inputs.length + 1);
}

/**
 * The most that a request can cost: what its order has to offer.
 *
 * @throws RECEIPT (`fee`)
 */
export function maxFeeOf(price: InferencePrice, request: InferenceRequest): bigint {
  return feeOf(price, { promptTokens: maxPromptTokens(request), answerTokens: request.parameters.maxTokens });
}

/**
 * That a usage can be true, as far as that is seen without the vocabulary. What it is exactly, only running the model again tells.
 *
 * @param request `undefined` where it is not known
 * @param bytes of the answer so far
 * @throws RECEIPT (`usage`)
 */
export function checkUsage(
  { promptTokens, answerTokens }: InferenceUsage,
  parameters: InferenceParameters,
  request: InferenceRequest | undefined,
  bytes: number,
): void {
  const { maxTokens, stop } = parameters;
  if (answerTokens > maxTokens) throw refuse('usage', `${answerTokens} tokens are charged for; ${maxTokens} were allowed`);
  if (request === undefined) return;
  const mostOfPrompt = maxPromptTokens(request);
  if (promptTokens > mostOfPrompt) {
    throw refuse('usage', `${promptTokens} tokens of a prompt are charged for that has at most ${mostOfPrompt}`);
  }
  if (request.kind !== MODEL_KIND.chat) {
    if (answerTokens > 0) throw refuse('usage', 'tokens of an answer are charged for that has none');
    return;
  }
  // what a stop text cut off was made all the same
  const most = bytes + MAX_TEMPLATE_TOKENS + (stop.length > 0 ? MAX_STOP_BYTES : 0);
  if (answerTokens > most) throw refuse('usage', `${answerTokens} tokens are charged for an answer of ${bytes} bytes`);
}
