import { useSignal } from '@preact/signals';
import { shortHex } from '../format.ts';
import { shownBlob } from '../lead.ts';
import type { Model, ViewProps } from '../model.ts';
import { blobPhase, outcome, refused, open as words } from '../strings/index.ts';
import { goTo } from './go-to.ts';

/** Opens a blob by its commitment, its id or a link. It is shown far above, so what became of it is said here too. */
export function OpenForm({ model, actions }: ViewProps) {
  const text = useSignal('');
  const isEmpty = useSignal(false);
  const refusal = isEmpty.value ? words.empty : refusalOf(model);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const given = text.value.trim();
    isEmpty.value = given === '';
    if (given !== '') actions.open(given);
  };
  return (
    <section class="card open" aria-labelledby="open-title">
      <h2 id="open-title" class="label">
        {words.title}
      </h2>
      <form onSubmit={onSubmit}>
        <label>
          {words.label}
          <span class="field">
            <input
              type="text"
              class="mono"
              value={text.value}
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              onInput={(event) => {
                text.value = event.currentTarget.value;
                isEmpty.value = false;
              }}
            />
            <button type="submit" class="control">
              {words.button}
            </button>
          </span>
        </label>
      </form>
      <p class={refusal === undefined ? 'quiet' : 'obstacle'} role="status">
        {refusal ?? standOf(model)}
      </p>
      {model.opening.value?.status === 'opened' ? (
        <p class="actions">
          <button type="button" class="control" onClick={() => goTo('blob-title')}>
            {words.show}
          </button>
        </p>
      ) : null}
    </section>
  );
}

function refusalOf({ refusal }: Model): string | undefined {
  return refusal.value === undefined ? undefined : refused(refusal.value.code, refusal.value.message);
}

function standOf({ opening, state }: Model): string {
  const opened = opening.value;
  if (opened === undefined) return words.hint;
  const id = shortHex(opened.blobId);
  if (opened.status !== 'opened') return words.opening(id);
  const blob = shownBlob(state.value, opened.blobId, opened);
  return words.opened(id, blob?.outcome === undefined ? blobPhase[blob?.phase ?? 'done'] : outcome[blob.outcome].name);
}
