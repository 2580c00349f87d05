import { controls, lost } from '../strings/index.ts';

/** A part of the page could not be fetched. */
export function Lost() {
  return (
    <section class="problem" role="alert">
      <h2>{lost.title}</h2>
      <p>{lost.next}</p>
      <p class="actions">
        <button type="button" class="control" onClick={() => location.reload()}>
          {controls.reload}
        </button>
      </p>
    </section>
  );
}
