/** Sizes of a model in training; `docs/model.md` says what each is. */
export interface TrainingShape {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly inner: number;
  /** Tokens of a sequence. */
  readonly length: number;
  /** For each head: a score loses 2^-slope for each position of distance, nothing from 31 on. */
  readonly slopes: readonly number[];
}

/** Numbers that are learned. */
export function parameterCount({ vocabulary, width, layers, inner }: TrainingShape): number {
  return vocabulary * width + layers * (4 * width * width + 2 * inner * width);
}

/** What a training does. */
export interface TrainingPlan {
  readonly shape: TrainingShape;
  readonly seed: number;
  readonly steps: number;
  /** Sequences of a step, a multiple of `SHARDS`. */
  readonly batch: number;
  /** Of 100 sequences, how many are chat; the others are prose. */
  readonly chatPercent: number;
  readonly conversations: number;
  /** Rate of learning, which rises in the first `warmup` steps and falls to nothing in the last `cooldown` ones. */
  readonly rate: number;
  readonly warmup: number;
  readonly cooldown: number;
  readonly decay: number;
}

/** Parts of a step that may run at the same time. Fixed, because sums in another order round differently. */
export const SHARDS = 4;

/** How the committed weights were made. */
export const PLAN: TrainingPlan = {
  shape: { vocabulary: 512, width: 96, layers: 4, heads: 4, inner: 384, length: 256, slopes: [1, 3, 5, 8] },
  seed: 2026,
  steps: 534,
  batch: 4,
  chatPercent: 65,
  conversations: 4_000,
  rate: 0.003,
  warmup: 40,
  cooldown: 150,
  decay: 0.05,
};
