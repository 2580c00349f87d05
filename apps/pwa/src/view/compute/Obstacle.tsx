import type { ErrorObject } from '@perigee/wire';
import { shownText } from '../../files/names.ts';
import { computeAdvice } from '../../strings/compute/index.ts';
import { adviceFor } from '../../strings/index.ts';

/** What went wrong, in plain words, with a next step. */
export function Obstacle({ problem }: { readonly problem: ErrorObject | undefined }) {
  if (problem === undefined) return null;
  const { title, next } = computeAdvice[problem.code] ?? adviceFor(problem.code);
  return (
    <p class="obstacle" data-code={problem.code}>
      <strong>{title}.</strong> {next}{' '}
      <small>
        <code>{problem.code}</code>: {shownText(problem.message, 400)}
      </small>
    </p>
  );
}
