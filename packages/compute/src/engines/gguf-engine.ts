import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FileTreeBuilder } from '@perigee/light-core/storage';
import { eitherSignal } from '@perigee/net/abort';
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
  /** Of llama.cpp, which work on one answer together. */
  readonly threads: number;
}

/**
 * Conversations by a GGUF on the operator's disk, with llama.cpp in this process: it computes in threads of its own. The whole file is read and hashed first.
 *
 * @throws NOT_FOUND when the file or the package is not there; PARSE, INVALID_ARGUMENT, UNSUPPORTED when it cannot be run
 */
export async function createGgufEngine({ path, packages, threads }: GgufEngineOptions): Promise<Engine> {
  const file = resolve(path);
  const at = resolveIn(packages, PACKAGE.name, PACKAGE.version);
  const modelRoot = await rootOfFile(file);
  const { getLlama, LlamaChatSession } = (await import(pathToFileURL(at).href)) as LlamaModule;
  // what is not there ready made is neither fetched nor compiled
  const llama = await getLlama({ build: 'never', gpu: false, skipDownload: true, logLevel: 'disabled' }).catch(
    (cause: unknown) => {
      throw new PerigeeError('UNSUPPORTED', `llama.cpp cannot be run on this machine: ${wordsOf(cause)}`, { cause });
    },
  );
  try {
    const model = await llama.loadModel({ modelPath: file }).catch((cause: unknown) => {
      throw new PerigeeError('PARSE', `${file} cannot be run: ${wordsOf(cause)}`, { cause });
    });
    const contextTokens = Math.min(MAX_GGUF_CONTEXT, model.trainContextSize);
    return {
      models: [modelOf({ file, modelRoot, contextTokens, threads, model, LlamaChatSession })],
      close: () => llama.dispose(),
    };
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

interface Loaded extends Pick<LlamaModule, 'LlamaChatSession'> {
  readonly file: string;
  readonly modelRoot: Uint8Array;
  readonly contextTokens: number;
  readonly threads: number;
  readonly model: LlamaModel;
}

function modelOf({ file, modelRoot, contextTokens, threads, model, LlamaChatSession }: Loaded): ChatModel {
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
      const context = await model.createContext({ contextSize: contextTokens, threads });
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
        yield* piecesOf((onToken, stop) => session.prompt(lastQuestion(messages), drawnAs(parameters, stop, onToken)), {
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

/**
 * Makes a stream of what is called back. What runs has ended when the stream has, also where nobody reads it to its end.
 *
 * @throws INVALID_ARGUMENT when the prompt leaves no room; ABORTED; INTERNAL
 */
export async function* piecesOf(
  ask: (onToken: OnToken, stop: AbortSignal) => Promise<unknown>,
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
  const unread = new AbortController();
  const onToken: OnToken = (text, tokens) => {
    answerTokens = Math.min(maxTokens, answerTokens + tokens);
    held.push({ text, answerTokens });
    wake();
  };
  const running = ask(onToken, eitherSignal(signal, unread.signal)).then(
    () => {
      end = {};
    },
    (error: unknown) => {
      end = { error };
    },
  );
  void running.then(() => wake());
  try {
    for (;;) {
      const next = held.shift();
      if (next !== undefined) {
        if (next.text !== '') yield { bytes: utf8(next.text), usage: { promptTokens, answerTokens: next.answerTokens } };
      } else if (end === undefined) {
        await new Promise<void>((resolveWait) => {
          wake = resolveWait;
        });
      } else {
        signal.throwIfAborted();
        if ('error' in end) throw failureOf(end.error);
        const usage = { promptTokens, answerTokens };
        yield { bytes: new Uint8Array(0), usage, finish: answerTokens >= maxTokens ? 'length' : 'stop' };
        return;
      }
    }
  } finally {
    unread.abort();
    await running;
  }
}

function failureOf(cause: unknown): PerigeeError {
  const words = wordsOf(cause);
  return /too long|context size/i.test(words)
    ? new PerigeeError('INVALID_ARGUMENT', `the prompt leaves no room for an answer: shorten it (${words})`, { cause })
    : new PerigeeError('INTERNAL', `llama.cpp failed: ${words}`, { cause });
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
