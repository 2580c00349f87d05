/** Two small models that really compute: letters after letters as often as in a text, and texts by the letters that they have. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '@perigee/wire';
import type { ChatModel, EmbeddingModel } from '../../src/engines/index.ts';

const TEXT =
  'The perigee is the point of an orbit that is nearest to the Earth. A light node asks for a few rows and checks every one. What nobody has signed is shown as unverified. ';

/** A token is a byte; the next one is drawn among those that follow the last two in the text. */
export function letterModel(options: { readonly delayMs?: number; readonly concurrency?: number } = {}): ChatModel {
  const bytes = utf8(TEXT);
  return {
    kind: 'chat',
    id: 'letters',
    modelRoot: sha256(bytes),
    engine: 'letters/1',
    contextTokens: 4_096,
    maxAnswerTokens: 1_024,
    reproducible: true,
    concurrency: options.concurrency ?? 1,
    countPrompt: ({ messages }) => messages.reduce((sum, { content }) => sum + utf8(content).length, 0),
    async *generate(messages, { maxTokens, temperatureMillionths, seed, stop }, { signal }) {
      const promptTokens = messages.reduce((sum, { content }) => sum + utf8(content).length, 0);
      let state = seed >>> 0 || 1;
      const draw = (end: number): number => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((state / 2 ** 32) * end);
      };
      let text = 'Th';
      for (let answerTokens = 1; ; answerTokens++) {
        if (options.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, options.delayMs));
        signal.throwIfAborted();
        const followers = followersOf(text.slice(-2));
        const next = followers[temperatureMillionths === 0 ? 0 : draw(followers.length)] ?? 'T';
        text += next;
        const usage = { promptTokens, answerTokens };
        if (stop.some((end) => text.endsWith(end))) {
          yield { bytes: new Uint8Array(0), usage, finish: 'stop' };
          return;
        }
        const isLast = answerTokens === maxTokens;
        yield { bytes: utf8(next), usage, ...(isLast ? { finish: 'length' } : {}) };
        if (isLast) return;
      }
    },
  };
}

function followersOf(pair: string): string[] {
  const out: string[] = [];
  for (let at = TEXT.indexOf(pair); at >= 0; at = TEXT.indexOf(pair, at + 1)) out.push(TEXT[at + 2] ?? 'T');
  return out;
}

const DIMENSIONS = 64;

/** Counts of three letters in a row, each kind in a place of its own. */
export const countingModel: EmbeddingModel = {
  kind: 'embeddings',
  id: 'counts',
  modelRoot: sha256(utf8('counts')),
  engine: 'counts/1',
  contextTokens: 4_096,
  dimensions: DIMENSIONS,
  reproducible: true,
  concurrency: 2,
  async embed(inputs) {
    const vectors = inputs.map((input) => {
      const vector = new Float32Array(DIMENSIONS);
      const text = ` ${input.toLowerCase()} `;
      for (let i = 0; i + 3 <= text.length; i++) {
        const [place = 0] = sha256(utf8(text.slice(i, i + 3)));
        vector[place % DIMENSIONS] = (vector[place % DIMENSIONS] ?? 0) + 1;
      }
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    });
    return { vectors, promptTokens: inputs.reduce((sum, input) => sum + input.length, 0) };
  },
};
