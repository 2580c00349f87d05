import {
  answerWith,
  type Generated,
  type GeneratedChunk,
  type LanguageModel,
  loadModel,
  scalarMatrices,
} from '@perigee/light-core/model';
import { fileTreeOf } from '@perigee/light-core/storage';
import { PerigeeError } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import { loadMatrices } from '@perigee/workers/matrices';
import type { DrawParameters } from './engine.ts';

export interface OpenedModel {
  readonly name: string;
  /** Storage root of the file, 32 bytes. */
  readonly modelRoot: Uint8Array;
  readonly contextTokens: number;
}

/** What one step of an answer gave; `finish` in the last. */
export interface Int8Step extends GeneratedChunk {
  readonly finish?: Generated['finish'];
}

/** The jobs of a worker that runs int8 models: it keeps the models that were opened, and the answers that were begun. */
export function createInt8Jobs() {
  const models = new Map<string, LanguageModel>();
  const answers = new Map<string, Generator<GeneratedChunk, Generated, void>>();

  return {
    /** @param input `key`: how `begin` names the model @throws PARSE, UNKNOWN_VERSION, OUT_OF_MEMORY */
    async open({ key, file }: { readonly key: string; readonly file: Uint8Array }): Promise<OpenedModel> {
      const [matrices = scalarMatrices, hasher] = await Promise.all([loadMatrices(), loadFileHasher()]);
      const model = loadModel(file, matrices);
      models.set(key, model);
      return { name: model.name, modelRoot: fileTreeOf(file, hasher).root, contextTokens: model.shape.context };
    },

    /** Begins an answer that `step` goes on with. @returns whether this worker has the model @throws INVALID_ARGUMENT */
    begin(input: {
      readonly key: string;
      readonly answer: string;
      readonly messages: readonly { readonly role: string; readonly content: string }[];
      readonly parameters: DrawParameters;
    }): boolean {
      const model = models.get(input.key);
      if (model === undefined) return false;
      answers.set(input.answer, answerWith(model, input.messages, input.parameters));
      return true;
    },

    /** Makes the next token, or reads a part of the prompt. @throws NOT_FOUND when the worker has not begun this answer */
    step({ answer }: { readonly answer: string }): Int8Step {
      const run = answers.get(answer);
      if (run === undefined) throw new PerigeeError('NOT_FOUND', 'the worker that had begun this answer is gone; ask again');
      const step = run.next();
      if (step.done !== true) return step.value;
      answers.delete(answer);
      return { bytes: new Uint8Array(0), ...step.value };
    },

    /** Forgets an answer. */
    end({ answer }: { readonly answer: string }): void {
      answers.delete(answer);
    },
  };
}
