import type { Codec, RowShape } from '@perigee/wasm-codec';
import { PerigeeError } from '@perigee/wire';
import { type Subject, subjectsOf } from './subjects.ts';

/** The jobs of a worker that measures: one subject at a time, so that who asks can stop in between and show how far it is. */
export function createMeasureJobs(load: () => Promise<Codec>) {
  let prepared: ReturnType<typeof subjectsOf> | undefined;
  return {
    /** Makes rows of this shape, and all that the subjects need. */
    prepare: async (shape: RowShape): Promise<void> => {
      prepared = subjectsOf(await load(), shape);
    },
    /** @returns milliseconds. @throws NOT_FOUND before `prepare` */
    measure: (subject: Subject): number => {
      const run = prepared?.[subject];
      if (run === undefined) throw new PerigeeError('NOT_FOUND', 'this worker has prepared nothing to measure');
      return run();
    },
  };
}

export type MeasureJobs = ReturnType<typeof createMeasureJobs>;
