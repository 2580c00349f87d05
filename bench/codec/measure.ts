import { SUBJECTS, type Subject, subjectsOf } from '../../packages/da/src/measure/subjects.ts';
import { contest } from './contest.ts';
import type { Codec, RowShape } from './shapes.ts';

const ROUNDS = 7;

/** Milliseconds of each sample, by what was measured. */
export type ShapeTimes = Readonly<Record<Subject, readonly number[]>>;

/** All that a codec does with one shape, on this thread, in turns. */
export async function measureShape(codec: Codec, shape: RowShape): Promise<ShapeTimes> {
  const subjects = subjectsOf(codec, shape);
  const taken = await contest(
    SUBJECTS.map((name) => ({ name, run: subjects[name] })),
    ROUNDS,
  );
  return Object.fromEntries(taken) as ShapeTimes;
}
