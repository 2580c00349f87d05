/** Requests that can be executed, and what was made of them. */
import {
  INFERENCE_VERSION,
  type InferenceParameters,
  type InferenceRequest,
  MAX_PROMPT_BYTES,
  MODEL_KIND,
  PerigeeError,
  REQUEST_SALT_BYTES,
  utf8,
} from '@perigee/wire';
import { refuse } from './check.ts';

/** Of embeddings. */
export const NO_PARAMETERS: InferenceParameters = { maxTokens: 0, temperatureMillionths: 0, topPMillionths: 0, stop: [] };

/**
 * Checks the form of a request: what is executed, and nothing else, can be in it.
 *
 * @throws UNKNOWN_VERSION, INVALID_ARGUMENT
 */
export function checkRequest(request: InferenceRequest): void {
  const { version, kind, salt, messages, inputs, parameters } = request;
  if (version !== INFERENCE_VERSION) {
    throw new PerigeeError('UNKNOWN_VERSION', `request has version ${version}; only ${INFERENCE_VERSION} is known`);
  }
  const refuseForm = (words: string): never => {
    throw new PerigeeError('INVALID_ARGUMENT', words);
  };
  if (salt.length !== 0 && salt.length !== REQUEST_SALT_BYTES) {
    refuseForm(`a salt has ${REQUEST_SALT_BYTES} bytes, or none, not ${salt.length}`);
  }
  if (kind === MODEL_KIND.chat) {
    if (messages.length === 0 || inputs.length > 0) refuseForm('a conversation has messages, and no inputs');
    if (parameters.maxTokens < 1) refuseForm('an answer of no tokens is asked for');
    if (parameters.topPMillionths < 1) refuseForm('top_p leaves no token to choose from');
    if (parameters.stop.includes('')) refuseForm('a text to stop at is empty');
  } else if (kind === MODEL_KIND.embeddings) {
    if (inputs.length === 0 || messages.length > 0) refuseForm('embeddings have inputs, and no messages');
    if (!areSameParameters(parameters, NO_PARAMETERS)) refuseForm('embeddings have no parameters');
  } else refuseForm(`a request of kind ${kind} is not known`);
  const bytes = [...messages.map(({ content }) => content), ...inputs].reduce((sum, text) => sum + utf8(text).length, 0);
  if (bytes > MAX_PROMPT_BYTES) refuseForm(`a prompt has at most ${MAX_PROMPT_BYTES} bytes, not ${bytes}`);
}

/**
 * That an answer was drawn as was asked for. A seed that nobody asked for is the provider's choice, but it says which.
 *
 * @throws RECEIPT (`parameters`)
 */
export function checkExecuted(asked: InferenceParameters, executed: InferenceParameters, kind: number): void {
  if (kind === MODEL_KIND.chat && executed.seed === undefined) {
    throw refuse('parameters', 'the provider does not say with which seed it drew the answer');
  }
  const { seed = executed.seed, ...rest } = asked;
  if (areSameParameters({ ...rest, ...(seed === undefined ? {} : { seed }) }, executed)) return;
  throw refuse('parameters', 'the answer was drawn with other parameters than were asked for');
}

function areSameParameters(a: InferenceParameters, b: InferenceParameters): boolean {
  return (
    a.maxTokens === b.maxTokens &&
    a.temperatureMillionths === b.temperatureMillionths &&
    a.topPMillionths === b.topPMillionths &&
    a.seed === b.seed &&
    a.stop.length === b.stop.length &&
    a.stop.every((text, i) => text === b.stop[i])
  );
}
