import { adviceFor, controls } from '../strings/index.ts';

/** A part of the page could not be fetched. */
export function Lost() {
  const { title, next } = adviceFor('UNREACHABLE');
  return (
    <section class="problem" role="alert">
      <h2>{title}</h2>
      <p>{next}</p>
      <p class="actions">
        <button type="button" class="control" onClick={() => location.reload()}>
          {controls.reload}
        </button>
      </p>
    </section>
  );
}
