import { createHash } from 'node:crypto';
import { scalarMatrices } from '@perigee/light-core/model';
import { loadMatrices } from '@perigee/workers/matrices';
import { bigramBaseline } from './baseline.ts';
import { type Corpus, makeCorpus, TEXT_KINDS, type TextKind, type TrainingTexts } from './corpus.ts';
import { integerBits } from './integer-bits.ts';
import type { TrainingKernel } from './kernel.ts';
import { quantise } from './quantise.ts';
import { parameterCount, type TrainingPlan } from './shape.ts';
import { train } from './train.ts';

/** Tokens of prompt and answer that the model takes; it attends to its window. */
const CONTEXT = 2_048;

/** How well text that was kept apart is predicted, in bits a byte. */
export interface Losses {
  /** By counting pairs of tokens. */
  readonly bigram: number;
  /** By the model in single precision, as it was trained. */
  readonly single: number;
  /** By the int8 model. */
  readonly int8: number;
}

/** What is known of a file of weights; `models/<name>.json`. */
export interface ModelRecord {
  readonly version: 1;
  readonly name: string;
  /** SHA-256 of the file of weights, hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  readonly parameters: number;
  readonly seed: number;
  readonly steps: number;
  /** Four decimal places, as text of each kind has it. */
  readonly bitsPerByte: Readonly<Record<TextKind, Losses>>;
}

/** Trains, quantises and measures. Everything follows from the plan and the texts. @throws what `train` and `quantise` do */
export async function makeModel(
  name: string,
  plan: TrainingPlan,
  texts: TrainingTexts,
  options: Parameters<typeof train>[2],
): Promise<{ readonly file: Uint8Array; readonly record: ModelRecord }> {
  const { shape, seed, conversations } = plan;
  const corpus = makeCorpus(texts, { seed, vocabulary: shape.vocabulary, conversations });
  return pack(name, plan, corpus, await train(plan, corpus, options));
}

async function pack(
  name: string,
  { shape, seed, steps }: TrainingPlan,
  corpus: Corpus,
  kernel: TrainingKernel,
): Promise<{ readonly file: Uint8Array; readonly record: ModelRecord }> {
  const file = quantise(kernel.parameters, shape, { name, merges: corpus.merges, context: CONTEXT });
  const matrices = (await loadMatrices()) ?? scalarMatrices;
  const lossesOf = (kind: TextKind): Losses => {
    const kept = corpus.kept[kind];
    const bytes = bytesOf(corpus, kept);
    const rounded = (bits: number): number => Math.round((bits / bytes) * 10_000) / 10_000;
    return {
      bigram: rounded(bigramBaseline(corpus.training[kind], shape.vocabulary)(kept)),
      single: rounded(kernel.evaluate(kept)),
      int8: rounded(integerBits(file, matrices, kept)),
    };
  };
  const losses = TEXT_KINDS.map((kind) => [kind, lossesOf(kind)] as const);
  const record: ModelRecord = {
    version: 1,
    name,
    sha256: createHash('sha256').update(file).digest('hex'),
    bytes: file.length,
    parameters: parameterCount(shape),
    seed,
    steps,
    bitsPerByte: Object.fromEntries(losses) as Record<TextKind, Losses>,
  };
  return { file, record };
}

/** Of the tokens after the first; a sign counts as one byte. */
function bytesOf({ tokenizer }: Corpus, tokens: Int32Array): number {
  return tokens.subarray(1).reduce((sum, token) => sum + Math.max(1, tokenizer.bytesOf(token).length), 0);
}
