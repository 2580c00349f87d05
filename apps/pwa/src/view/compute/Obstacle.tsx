import type { ErrorObject } from '@perigee/wire';
import { computeAdvice } from '../../strings/compute/index.ts';
import { Obstacle as AnyObstacle } from '../Obstacle.tsx';

/** What went wrong where models are asked, with the next step there. */
export function Obstacle({ problem }: { readonly problem: ErrorObject | undefined }) {
  return <AnyObstacle problem={problem} advice={problem && computeAdvice[problem.code]} />;
}
