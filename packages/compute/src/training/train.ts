import { PerigeeError } from '@perigee/wire';
import { createPool, type Pool } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';
import type { LearnJobs } from '../jobs/learn.job.ts';
import type { Corpus } from './corpus.ts';
import { TrainingKernel } from './kernel.ts';
import { TrainingRandom } from './random.ts';
import { SHARDS, type TrainingPlan, type TrainingShape } from './shape.ts';

/** Gradients longer than this are cut: a rare batch must not undo many others. */
const MAX_GRADIENT = 1;
const BETA1 = 0.9;
const BETA2 = 0.95;

/**
 * Trains from the seed of the plan. The result depends on plan and corpus alone, not on how many threads there are, nor on the machine.
 *
 * @param options `threads`: at most SHARDS are of use; `progress`: called after each step with its bits a token
 * @returns the kernel with the parameters that were learned
 * @throws INVALID_ARGUMENT when the batch cannot be shared out; ABORTED
 */
export async function train(
  plan: TrainingPlan,
  corpus: Corpus,
  options: {
    readonly threads: number;
    readonly progress?: (step: number, bits: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<TrainingKernel> {
  const { shape, batch } = plan;
  if (batch % SHARDS !== 0) throw new PerigeeError('INVALID_ARGUMENT', `a batch of ${batch} is no multiple of ${SHARDS}`);
  const kernel = await TrainingKernel.load(shape);
  const random = new TrainingRandom(plan.seed + 1);
  initialise(kernel.parameters, shape, random);
  const pool: Pool<LearnJobs> = createPool({
    spawn: () => nodeWorker(nodeJob('learn', import.meta.url)),
    size: Math.min(options.threads, SHARDS),
  });
  let [power1, power2] = [1, 1];
  try {
    for (let step = 0; step < plan.steps; step++) {
      const sequences = Array.from({ length: batch }, () => draw(corpus, plan, random));
      const parameters = kernel.parameters.slice();
      const shards = Array.from({ length: SHARDS }, (_, i) => sequences.slice((i * batch) / SHARDS, ((i + 1) * batch) / SHARDS));
      const parts = await Promise.all(
        shards.map((shard) =>
          pool.run(
            'learn',
            { shape, parameters, sequences: shard, scale: 1 / (batch * shape.length) },
            options.signal === undefined ? {} : { signal: options.signal },
          ),
        ),
      );
      addInOrder(
        kernel.gradients,
        parts.map((part) => part.gradients),
      );
      power1 *= BETA1;
      power2 *= BETA2;
      const rate = plan.rate * Math.min(1, (step + 1) / plan.warmup, (plan.steps - step) / plan.cooldown);
      kernel.update({
        rate,
        decay: plan.decay,
        correct1: 1 / (1 - power1),
        correct2: 1 / (1 - power2),
        most: MAX_GRADIENT,
      });
      options.progress?.(step + 1, parts.reduce((sum, part) => sum + part.bits, 0) / (batch * shape.length));
    }
  } finally {
    await pool.close();
  }
  kernel.prepare();
  return kernel;
}

/** Matrices of about unit gain; those that write into the state begin with nothing. */
function initialise(parameters: Float32Array, shape: TrainingShape, random: TrainingRandom): void {
  const { vocabulary, width, layers, inner } = shape;
  let at = 0;
  const fill = (count: number, deviation: number): void => {
    for (const end = at + count; at < end; at++) parameters[at] = deviation === 0 ? 0 : deviation * random.normal();
  };
  fill(vocabulary * width, 0.05);
  for (let layer = 0; layer < layers; layer++) {
    fill(3 * width * width, 1 / Math.sqrt(width));
    fill(width * width, 0);
    fill(inner * width, 1 / Math.sqrt(width));
    fill(width * inner, 0);
  }
}

function draw(corpus: Corpus, plan: TrainingPlan, random: TrainingRandom): Int32Array {
  const tokens = corpus.training[random.below(100) < plan.chatPercent ? 'chat' : 'prose'];
  const from = random.below(tokens.length - plan.shape.length);
  return tokens.slice(from, from + plan.shape.length + 1);
}

function addInOrder(sum: Float32Array, parts: readonly Float32Array[]): void {
  for (let i = 0; i < sum.length; i++) {
    let value = 0;
    for (const part of parts) value = Math.fround(value + (part[i] as number));
    sum[i] = value;
  }
}
