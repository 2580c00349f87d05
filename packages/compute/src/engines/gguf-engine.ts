import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FileTreeBuilder } from '@perigee/light-core/storage';
import { MAX_ANSWER_TOKENS, MAX_GGUF_BYTES, MAX_GGUF_CONTEXT, MILLIONTHS, PerigeeError, utf8 } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import type { ChatModel, DrawParameters, Engine, GeneratedPiece } from './engine.ts';
import { chatHistory, type LlamaModel, type LlamaModule, lastQuestion } from './gguf-runtime.ts';
import { type PackageFolder, resolveIn } from './operator-package.ts';

const PACKAGE = { name: 'node-llama-cpp', version: '3.22.1' };
const MAGIC = 'GGUF';
const READ_BYTES = 1 << 20;

export interface GgufEngineOptions {
  readonly path: string;
  /** Where `node-llama-cpp` is. */
  readonly packages?: PackageFolder;
}

/**
 * Conversations by a GGUF on the operator's disk, with llama.cpp in this process: it computes in threads of its own. The whole file is read and hashed first.
 *
 * @throws NOT_FOUND when the file or the package is not there; PARSE, INVALID_ARGUMENT, UNSUPPORTED when it cannot be run
 */
export async function createGgufEngine({ path, packages }: GgufEngineOptions): Promise<Engine> {
  const file = resolve(path);
  const at = resolveIn(packages, PACKAGE.name, PACKAGE.version);
  const modelRoot = await rootOfFile(file);
  const { getLlama, LlamaChatSession } = (await import(pathToFileURL(at).href)) as LlamaModule;
  // what is not there ready made is neither fetched nor compiled
  const llama = await getLlama({ build: 'never', gpu: false, skipDownload: true, logLevel: 'error' }).catch((cause: unknown) => {
    throw new PerigeeError('UNSUPPORTED', `llama.cpp cannot be run on this machine: ${wordsOf(cause)}`, { cause });
  });
  try {
    const model = await llama.loadModel({ modelPath: file }).catch((cause: unknown) => {
      throw new PerigeeError('PARSE', `${file} cannot be run: ${wordsOf(cause)}`, { cause });
    });
    const contextTokens = Math.min(MAX_GGUF_CONTEXT, model.trainContextSize);
    return { models: [modelOf({ file, modelRoot, contextTokens, model, LlamaChatSession })], close: () => llama.dispose() };
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

interface Loaded extends Pick<LlamaModule, 'LlamaChatSession'> {
  readonly file: string;
  readonly modelRoot: Uint8Array;
  readonly contextTokens: number;
  readonly model: LlamaModel;
}

function modelOf({ file, modelRoot, contextTokens, model, LlamaChatSession }: Loaded): ChatModel {
  return {
    kind: 'chat',
    id: basename(file, '.gguf'),
    modelRoot,
    engine: `${PACKAGE.name}/${PACKAGE.version} cpu`,
    contextTokens,
    maxAnswerTokens: Math.min(contextTokens, MAX_ANSWER_TOKENS),
    reproducible: false,
    concurrency: 1,
    async *generate(messages, parameters, { signal }) {
      const context = await model.createContext({ contextSize: contextTokens });
      try {
        const session = new LlamaChatSession({ contextSequence: context.getSequence(), systemPrompt: '' });
        session.setChatHistory(chatHistory(messages));
        const promptTokens = messages.reduce((sum, { content }) => sum + model.tokenize(content).length, 0);
        if (promptTokens >= contextTokens) {
          throw new PerigeeError(
            'INVALID_ARGUMENT',
            `the prompt has ${promptTokens} tokens and the context ${contextTokens}: shorten it`,
          );
        }
        yield* piecesOf((onToken) => session.prompt(lastQuestion(messages), drawnAs(parameters, signal, onToken)), {
          promptTokens,
          maxTokens: parameters.maxTokens,
          signal,
        });
      } finally {
        await context.dispose();
      }
    },
  };
}

/** What a token of the answer adds; it may be less than a character, which comes with a later one. */
type OnToken = (text: string, tokens: number) => void;

function drawnAs(parameters: DrawParameters, signal: AbortSignal, onToken: OnToken): object {
  const { maxTokens, temperatureMillionths, topPMillionths, seed, stop } = parameters;
  return {
    maxTokens,
    temperature: temperatureMillionths / MILLIONTHS,
    topP: topPMillionths / MILLIONTHS,
    topK: 0,
    seed,
    signal,
    customStopTriggers: stop,
    onResponseChunk: ({ text, tokens }: { readonly text: string; readonly tokens: readonly unknown[] }) =>
      onToken(text, tokens.length),
  };
}

/** Makes a stream of what is called back. */
export async function* piecesOf(
  ask: (onToken: OnToken) => Promise<unknown>,
  {
    promptTokens,
    maxTokens,
    signal,
  }: { readonly promptTokens: number; readonly maxTokens: number; readonly signal: AbortSignal },
): AsyncGenerator<GeneratedPiece, void> {
  const held: { readonly text: string; readonly answerTokens: number }[] = [];
  let answerTokens = 0;
  let end: { readonly error?: unknown } | undefined;
  let wake = (): void => {};
  ask((text, tokens) => {
    answerTokens = Math.min(maxTokens, answerTokens + tokens);
    held.push({ text, answerTokens });
    wake();
  }).then(
    () => {
      end = {};
      wake();
    },
    (error: unknown) => {
      end = { error };
      wake();
    },
  );
  for (;;) {
    const next = held.shift();
    if (next !== undefined) {
      if (next.text !== '') yield { bytes: utf8(next.text), usage: { promptTokens, answerTokens: next.answerTokens } };
    } else if (end !== undefined) {
      signal.throwIfAborted();
      if ('error' in end) throw new PerigeeError('INTERNAL', `llama.cpp failed: ${wordsOf(end.error)}`, { cause: end.error });
      const usage = { promptTokens, answerTokens };
      yield { bytes: new Uint8Array(0), usage, finish: answerTokens >= maxTokens ? 'length' : 'stop' };
      return;
    } else {
      await new Promise<void>((resolveWait) => {
        wake = resolveWait;
      });
    }
  }
}

/** Of a file that need not fit into memory. @throws NOT_FOUND, INVALID_ARGUMENT, PARSE */
async function rootOfFile(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((cause: unknown) => {
    throw new PerigeeError('NOT_FOUND', `there is no GGUF at ${path} that can be read`, { cause });
  });
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MAX_GGUF_BYTES) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `${path} has ${found.size} bytes, or is no file; at most ${MAX_GGUF_BYTES} are read`,
      );
    }
    const tree = new FileTreeBuilder(await loadFileHasher());
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      if (tree.length === 0 && new TextDecoder().decode(buffer.subarray(0, MAGIC.length)) !== MAGIC) {
        throw new PerigeeError('PARSE', `${path} does not begin as a GGUF does`);
      }
      tree.write(buffer.subarray(0, bytesRead));
    }
    if (tree.length === 0) throw new PerigeeError('PARSE', `${path} is empty`);
    return tree.finish().root;
  } finally {
    await file.close();
  }
}

function wordsOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 300);
}
