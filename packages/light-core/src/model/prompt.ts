/** What the model is asked, as tokens. */
import { MAX_CHAT_MESSAGES, MAX_PROMPT_BYTES, PerigeeError, utf8 } from '@perigee/wire';
import { SIGNS, type Tokenizer } from './tokenizer.ts';

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
}

/** A text to go on with, or a conversation to answer. */
export type Prompt = string | readonly PromptMessage[];

/**
 * A text is read as the beginning of a document. Of a conversation each message follows the sign of its role, an answer is ended, and the sign of the
 * assistant asks for the next one.
 *
 * @throws INVALID_ARGUMENT when there is no message, there are too many, or their text is too long
 */
export function promptTokens(tokenizer: Tokenizer, prompt: Prompt): number[] {
  const texts = typeof prompt === 'string' ? [prompt] : prompt.map(({ text }) => text);
  if (texts.length === 0 || texts.length > MAX_CHAT_MESSAGES)
    throw new PerigeeError('INVALID_ARGUMENT', `a conversation has 1 to ${MAX_CHAT_MESSAGES} messages, not ${texts.length}`);
  // a character has at least as many bytes as UTF-16 units, so what is too long is seen before it is encoded
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  if (units > MAX_PROMPT_BYTES) throw tooLong(units);
  const encoded = texts.map(utf8);
  const bytes = encoded.reduce((sum, { length }) => sum + length, 0);
  if (bytes > MAX_PROMPT_BYTES) throw tooLong(bytes);

  const tokens = encoded.map((text) => tokenizer.encode(text));
  if (typeof prompt === 'string') return [SIGNS.begin, ...(tokens[0] as number[])];
  const messages = prompt.flatMap(({ role }, i) => [
    SIGNS[role],
    ...(tokens[i] as number[]),
    ...(role === 'assistant' ? [SIGNS.end] : []),
  ]);
  return [SIGNS.begin, ...messages, SIGNS.assistant];
}

function tooLong(length: number): PerigeeError {
  return new PerigeeError(
    'INVALID_ARGUMENT',
    `the prompt has ${length} bytes or more, and ${MAX_PROMPT_BYTES} are allowed: shorten it`,
    {
      data: { length, limit: MAX_PROMPT_BYTES },
    },
  );
}
