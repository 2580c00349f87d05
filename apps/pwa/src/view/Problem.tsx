import type { ErrorObject } from '@perigee/wire';
import { sentence } from '../format.ts';
import { adviceFor, controls, problem } from '../strings/index.ts';

export interface ProblemProps {
  readonly error: ErrorObject;
  readonly onRestart: () => void;
}

/** What went wrong in plain words, the next step, and the exact refusal for whoever has to look into it. */
export function Problem({ error, onRestart }: ProblemProps) {
  const missing = error.data?.missing;
  const { title, next } = adviceFor(error.code, typeof missing === 'string' ? missing : undefined);
  return (
    <section class="problem" role="alert">
      <h2>{title}</h2>
      <p>{next}</p>
      <p class="quiet">
        {problem.code} <code>{error.code}</code>: {sentence(error.message)}
      </p>
      <p class="actions">
        <button type="button" class="control" onClick={onRestart}>
          {controls.restart}
        </button>
        <button type="button" class="control" onClick={() => location.reload()}>
          {controls.reload}
        </button>
      </p>
    </section>
  );
}
