import { readFileSync } from 'node:fs';
import { concatAll, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { type ChatModel, createInt8Engine } from '../../src/engines/index.ts';
import { ownWeights } from '../../src/engines/own-weights.ts';

it('a fresh machine answers with the weights that come with the program', async () => {
  const weights = await ownWeights();
  expect(weights).toEqual(new Uint8Array(readFileSync(new URL('../../models/perigee-1.weights', import.meta.url))));
  const engine = await createInt8Engine({ files: [weights], workers: 1 });
  try {
    const model = engine.models[0] as ChatModel;
    const ask = async (): Promise<string> => {
      const parts: Uint8Array[] = [];
      const parameters = { maxTokens: 16, temperatureMillionths: 0, topPMillionths: 1_000_000, seed: 0, stop: [] };
      const messages = [{ role: 'user', content: 'What is a light node?' }];
      for await (const { bytes } of model.generate(messages, parameters, { signal: new AbortController().signal }))
        parts.push(bytes);
      return Buffer.from(concatAll(parts)).toString();
    };
    const text = await ask();
    expect(text).toMatch(/^A light node/);
    expect(await ask()).toBe(text);
    expect([model.id, toHex(model.modelRoot).length]).toEqual(['perigee-1', 64]);
  } finally {
    await engine.close();
  }
}, 180_000);
