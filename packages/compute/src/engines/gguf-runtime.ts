/** What is used of `node-llama-cpp`, which an operator installs: its own types are not here. */
import { type ChatMessage, PerigeeError } from '@perigee/wire';

export interface LlamaModule {
  getLlama(options: object): Promise<Llama>;
  readonly LlamaChatSession: new (
    options: object,
  ) => {
    setChatHistory(history: readonly object[]): void;
    prompt(text: string, options: object): Promise<string>;
  };
}

export interface Llama {
  loadModel(options: { readonly modelPath: string }): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

export interface LlamaModel {
  readonly trainContextSize: number;
  tokenize(text: string): readonly number[];
  createContext(options: {
    readonly contextSize: number;
    readonly threads: number;
  }): Promise<{ getSequence(): object; dispose(): Promise<void> }>;
}

/** All that was said before the last question. @throws INVALID_ARGUMENT for a role that is not known */
export function chatHistory(messages: readonly ChatMessage[]): object[] {
  return messages.slice(0, -1).map(({ role, content }) => {
    if (role === 'assistant') return { type: 'model', response: [content] };
    if (role === 'system' || role === 'user') return { type: role, text: content };
    throw new PerigeeError('INVALID_ARGUMENT', `a message has the role "${role}"; this model knows system, user, assistant`);
  });
}

/** @throws INVALID_ARGUMENT when the last message is not the user's */
export function lastQuestion(messages: readonly ChatMessage[]): string {
  const last = messages.at(-1);
  if (last?.role === 'user') return last.content;
  throw new PerigeeError('INVALID_ARGUMENT', 'the last message of a conversation is the user’s');
}
