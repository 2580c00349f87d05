import type { ErrorObject } from '@perigee/wire';
import { shownText } from '../files/names.ts';
import { sentence } from '../format.ts';
import { type Advice, adviceFor } from '../strings/index.ts';

/** Of a message, in which others may have put anything. */
const MAX_SHOWN_CHARACTERS = 400;

export interface ObstacleProps {
  readonly problem: ErrorObject | undefined;
  /** By default what holds wherever this code comes from. */
  readonly advice?: Advice | undefined;
  /** Read out as soon as it is there. */
  readonly isAlert?: boolean;
}

/** What went wrong, in plain words, with a next step, and the exact refusal for whoever has to look into it. */
export function Obstacle({ problem, advice, isAlert = false }: ObstacleProps) {
  if (problem === undefined) return null;
  const { title, next } = advice ?? adviceFor(problem.code);
  return (
    <p class="obstacle" data-code={problem.code} role={isAlert ? 'alert' : undefined}>
      <strong>{title}.</strong> {next}{' '}
      <small>
        <code>{problem.code}</code>: {sentence(shownText(problem.message, MAX_SHOWN_CHARACTERS))}
      </small>
    </p>
  );
}
