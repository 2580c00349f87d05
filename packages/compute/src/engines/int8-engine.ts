import { createTokenizer, INT8_ENGINE, parseWeights, promptTokens, type Tokenizer } from '@perigee/light-core/model';
import type { Clock } from '@perigee/light-core/roles';
import { type InferenceRequest, MAX_ANSWER_TOKENS, MAX_TOKEN_BYTES, PerigeeError, utf8 } from '@perigee/wire';
import { createPool, type Pool } from '@perigee/workers';
import { spawnInt8Worker } from '#int8-worker';
import type { Int8Jobs } from '../jobs/int8.job.ts';
import type { ChatModel, Engine, GeneratedPiece } from './engine.ts';
import { IdleTimer } from './idle-timer.ts';
import { createInt8Jobs, type OpenedModel } from './int8-jobs.ts';

/**
 * Runs files of weights in workers. The answers are the same bytes on every machine.
 *
 * @param options `files`: of weights, from anyone; `workers`: answers made at once, at least 1; `idle`: for who is asked now and then, no worker runs
 *   before the first answer, and none that has had nothing to do for ENGINE_IDLE_MS
 * @throws PARSE, UNKNOWN_VERSION when a file is not one of weights
 */
export async function createInt8Engine(options: {
  readonly files: readonly Uint8Array[];
  readonly workers: number;
  readonly idle?: { readonly clock: Clock };
}): Promise<Engine> {
  const { files, workers, idle } = options;
  const pool: Pool<Int8Jobs> = createPool({ spawn: spawnInt8Worker, size: workers });
  const rest = idle === undefined ? undefined : new Rest(pool, idle.clock);
  let answers = 0;
  try {
    const models = await Promise.all(
      files.map(async (file, i) => {
        const key = String(i);
        // what is read here says what the model is, and is forgotten
        const opened =
          rest === undefined
            ? await pool.run('open', { key, file }, { affinity: i })
            : await createInt8Jobs().open({ key, file });
        const tokenizer = createTokenizer(parseWeights(file).merges);
        return modelOf(opened, { pool, key, file, tokenizer, rest, nextAnswer: () => answers++ });
      }),
    );
    return {
      models,
      async close() {
        rest?.stop();
        await pool.close();
      },
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** Ends workers that have nothing to do. */
class Rest extends IdleTimer {
  /** Workers that run, by their number. */
  readonly #used: Set<number>;
  readonly #size: number;

  constructor(pool: Pool<Int8Jobs>, clock: Clock) {
    const used = new Set<number>();
    super(clock, () => {
      for (const affinity of used) pool.run('end', { answer: '' }, { affinity, retire: true }).catch(() => {});
      used.clear();
    });
    this.#used = used;
    this.#size = pool.size;
  }

  use(affinity: number): void {
    this.#used.add(affinity % this.#size);
    this.begin();
  }
}

interface Runner {
  readonly pool: Pool<Int8Jobs>;
  readonly key: string;
  readonly file: Uint8Array;
  readonly tokenizer: Tokenizer;
  readonly rest: Rest | undefined;
  /** A number for each answer: it says which worker makes it, too. */
  nextAnswer(): number;
}

function modelOf({ name, modelRoot, contextTokens }: OpenedModel, runner: Runner): ChatModel {
  const { pool, key, file, rest } = runner;
  return {
    kind: 'chat',
    id: name,
    modelRoot,
    engine: INT8_ENGINE,
    contextTokens,
    maxAnswerTokens: Math.min(contextTokens, MAX_ANSWER_TOKENS),
    reproducible: true,
    concurrency: pool.size,
    countPrompt: ({ messages }) => countPrompt(messages, contextTokens, runner.tokenizer),
    async *generate(messages, parameters, { signal }): AsyncGenerator<GeneratedPiece, void> {
      const affinity = runner.nextAnswer();
      const answer = String(affinity);
      const run = { affinity, signal };
      const begin = () => pool.run('begin', { key, answer, messages, parameters }, run);
      rest?.use(affinity);
      try {
        // a worker that is new, or that died and was started anew, has no model yet
        if (!(await begin())) {
          await pool.run('open', { key, file }, run);
          await begin();
        }
        for (;;) {
          const { bytes, usage, finish } = await pool.run('step', { answer }, run);
          const counted = { promptTokens: usage.promptTokens, answerTokens: usage.completionTokens };
          if (finish !== undefined) {
            yield { bytes, usage: counted, finish };
            return;
          }
          if (bytes.length > 0) yield { bytes, usage: counted };
        }
      } finally {
        // a worker that is gone has forgotten it already
        await pool.run('end', { answer }, { affinity }).catch(() => {});
        rest?.end();
      }
    },
  };
}

/**
 * Counts as the model will; a role that it does not know counts as another, and is refused when it runs.
 *
 * @throws INVALID_ARGUMENT when the prompt leaves no room for an answer
 */
function countPrompt(messages: InferenceRequest['messages'], context: number, tokenizer: Tokenizer): number {
  const bytes = messages.reduce((sum, { content }) => sum + utf8(content).length, 0);
  // no token has more bytes, so what cannot fit is seen before it is encoded
  const least = Math.ceil(bytes / MAX_TOKEN_BYTES);
  const count =
    least < context
      ? promptTokens(
          tokenizer,
          messages.map(({ role, content }) => ({ role: role === 'assistant' ? role : 'user', text: content })),
        ).length
      : least;
  if (count < context) return count;
  throw new PerigeeError('INVALID_ARGUMENT', `the prompt has ${count} tokens or more and the context ${context}: shorten it`);
}
