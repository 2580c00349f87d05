import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { createGgufEngine, piecesOf } from '../../src/engines/gguf-engine.ts';
import { chatHistory, lastQuestion } from '../../src/engines/gguf-runtime.ts';
import type { GeneratedPiece } from '../../src/engines/index.ts';

const folder = temporaryFolder('gguf');

it('a GGUF says what to install where llama.cpp is not there', async () => {
  const path = join(folder, 'model.gguf');
  await writeFile(path, 'GGUF');
  await expect(createGgufEngine({ path, packages: folder })).rejects.toMatchObject({
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
