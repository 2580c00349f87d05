import type { Generated, GenerationParameters, LanguageModel, Prompt } from '@perigee/light-core/model';
import { concatAll } from '@perigee/wire';

/** A stored answer; `bytes` in hexadecimal. */
export interface StoredAnswer extends Generated {
  readonly prompt: Prompt;
  readonly parameters: GenerationParameters;
  readonly bytes: string;
}

/** All of an answer. */
export function answer(
  model: LanguageModel,
  prompt: Prompt,
  parameters: GenerationParameters,
): Generated & { readonly bytes: Uint8Array } {
  const run = model.generate(prompt, parameters);
  const parts: Uint8Array[] = [];
  for (;;) {
    const step = run.next();
    if (step.done === true) return { ...step.value, bytes: concatAll(parts) };
    parts.push(step.value.bytes);
  }
}
