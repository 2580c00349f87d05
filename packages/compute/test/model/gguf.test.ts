import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileTreeOf, nobleFileHash } from '@perigee/light-core/storage';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../../../../scripts/lib/paths.mjs';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { createGgufEngine, piecesOf } from '../../src/engines/gguf-engine.ts';
import { chatHistory, lastQuestion } from '../../src/engines/gguf-runtime.ts';
import type { ChatModel, Engine, GeneratedPiece } from '../../src/engines/index.ts';
import { smallGguf } from './gguf-writer.ts';

const folder = temporaryFolder('gguf');

const packages = at('tests/peers/llama');
const isInstalled = existsSync(join(packages, 'node_modules'));

describe.skipIf(!isInstalled)('a GGUF with llama.cpp (npm ci --omit=optional --ignore-scripts in tests/peers/llama)', () => {
  const file = smallGguf(7);
  const messages = [
    { role: 'system', content: 'be short' },
    { role: 'user', content: 'what is a light node' },
  ];
  const parameters = { maxTokens: 24, temperatureMillionths: 1_000_000, topPMillionths: 1_000_000, seed: 3, stop: [] };
  let engine: Engine;
  let model: ChatModel;
  beforeAll(async () => {
    const path = join(folder, 'small.gguf');
    await writeFile(path, file);
    engine = await createGgufEngine({ path, packages, threads: 1 });
    model = engine.models[0] as ChatModel;
  });
  afterAll(() => engine.close());

  async function ask(changed: object = {}, signal = new AbortController().signal): Promise<GeneratedPiece[]> {
    const pieces: GeneratedPiece[] = [];
    for await (const piece of model.generate(messages, { ...parameters, ...changed }, { signal })) pieces.push(piece);
    return pieces;
  }

  it('is named by its bytes, and answers piece by piece as the seed says', async () => {
    expect(model).toMatchObject({ id: 'small', engine: 'node-llama-cpp/3.22.1 cpu', contextTokens: 256, reproducible: false });
    expect(model.modelRoot).toEqual(fileTreeOf(file, nobleFileHash).root);
    const textOf = (pieces: readonly GeneratedPiece[]): string => Buffer.concat(pieces.map(({ bytes }) => bytes)).toString();
    const [one, again, other] = [await ask(), await ask(), await ask({ seed: 4 })];
    expect(one.length).toBeGreaterThan(3);
    expect(one.at(-1)?.finish).toMatch(/^(stop|length)$/);
    expect(one.at(-1)?.usage.answerTokens).toBeLessThanOrEqual(24);
    expect(textOf(again)).toBe(textOf(one));
    expect(textOf(other)).not.toBe(textOf(one));
  });

  it('ends when its caller gives up or stops reading, and answers others', async () => {
    const controller = new AbortController();
    const run = model
      .generate(messages, { ...parameters, maxTokens: 150 }, { signal: controller.signal })
      [Symbol.asyncIterator]();
    await run.next();
    controller.abort();
    const rest = async (): Promise<void> => {
      while (!(await run.next()).done);
    };
    await expect(rest()).rejects.toMatchObject({ name: 'AbortError' });
    for await (const _ of model.generate(messages, { ...parameters, maxTokens: 150 }, { signal: new AbortController().signal }))
      break;
    expect((await ask()).at(-1)?.finish).toBeDefined();
  });

  it('refuses a prompt that leaves no room, and a file that is cut', async () => {
    const long = [{ role: 'user', content: 'light node '.repeat(60) }];
    const { signal } = new AbortController();
    await expect(model.generate(long, parameters, { signal })[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const path = join(folder, 'cut.gguf');
    await writeFile(path, file.subarray(0, 9_000));
    await expect(createGgufEngine({ path, packages, threads: 1 })).rejects.toMatchObject({ code: 'PARSE' });
    await writeFile(path, 'no model');
    await expect(createGgufEngine({ path, packages, threads: 1 })).rejects.toMatchObject({ code: 'PARSE' });
  });
});

it('a GGUF says what to install where llama.cpp is not there', async () => {
  const path = join(folder, 'model.gguf');
  await writeFile(path, 'GGUF');
  await expect(createGgufEngine({ path, packages: folder, threads: 1 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('npm install node-llama-cpp@3.22.1'),
  });
});

it('a conversation is given to it as what was said before, and a question', () => {
  const [system, user, assistant] = ['system', 'user', 'assistant'].map((role) => ({ role, content: role })) as [
    { role: string; content: string },
    { role: string; content: string },
    { role: string; content: string },
  ];
  expect(chatHistory([system, user, assistant, user])).toEqual([
    { type: 'system', text: 'system' },
    { type: 'user', text: 'user' },
    { type: 'model', response: ['assistant'] },
  ]);
  expect(lastQuestion([system, user])).toBe('user');
  expect(() => chatHistory([{ role: 'tool', content: '' }, user])).toThrow(/role "tool"/);
  expect(() => lastQuestion([user, assistant])).toThrow(/last message/);
});

it('what it calls back comes as pieces, and ends as it ended', async () => {
  const { signal } = new AbortController();
  const all = async (texts: readonly string[], maxTokens: number, fail = false): Promise<GeneratedPiece[]> => {
    const pieces: GeneratedPiece[] = [];
    const ask = async (onToken: (text: string, tokens: number) => void): Promise<void> => {
      for (const text of texts) {
        await null;
        onToken(text, 1);
      }
      if (fail) throw new Error('no memory');
    };
    for await (const piece of piecesOf(ask, { promptTokens: 3, maxTokens, signal })) pieces.push(piece);
    return pieces;
  };
  const pieces = await all(['A ', '', 'node'], 10);
  expect(pieces.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['A ', 'node', '']);
  expect(pieces.map(({ usage }) => usage.answerTokens)).toEqual([1, 3, 3]);
  expect(pieces.at(-1)?.finish).toBe('stop');
  expect((await all(['a', 'b'], 2)).at(-1)?.finish).toBe('length');
  await expect(all(['a'], 2, true)).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('no memory') });
});
