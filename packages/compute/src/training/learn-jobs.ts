import { type Transferred, transfer } from '@perigee/workers';
import { TrainingKernel } from './kernel.ts';
import type { TrainingShape } from './shape.ts';

export interface LearnInput {
  readonly shape: TrainingShape;
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly sequences: readonly Int32Array[];
  readonly scale: number;
}

export interface LearnOutput {
  readonly bits: number;
  readonly gradients: Float32Array<ArrayBuffer>;
}

/** The jobs of a worker that trains: it keeps its kernel, and nothing else, between them. */
export function createLearnJobs() {
  let kept: { readonly shape: string; readonly kernel: Promise<TrainingKernel> } | undefined;
  return {
    async learn({ shape, parameters, sequences, scale }: LearnInput): Promise<Transferred<LearnOutput>> {
      const name = JSON.stringify(shape);
      if (kept?.shape !== name) kept = { shape: name, kernel: TrainingKernel.load(shape) };
      const kernel = await kept.kernel;
      kernel.parameters.set(parameters);
      kernel.prepare();
      const bits = kernel.learn(sequences, scale);
      const gradients = kernel.gradients.slice();
      return transfer({ bits, gradients }, [gradients.buffer]);
    },
  };
}
