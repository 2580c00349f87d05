import { shortHex } from '../format.ts';
import { shownBlob } from '../lead.ts';
import type { Model, ViewProps } from '../model/index.ts';
import { open as words } from '../strings/below/index.ts';
import { blobPhase, outcome, refused } from '../strings/index.ts';
import { goTo } from './go-to.ts';
import { SearchForm } from './SearchForm.tsx';

/** Opens a blob by its commitment, its id or a link. It is shown further below, so what became of it is said here too. */
export function OpenForm({ model, actions }: ViewProps) {
  const refusal = refusalOf(model);
  return (
    <section class="card open" aria-labelledby="open-title">
      <h2 id="open-title" class="label">
        {words.title}
      </h2>
      <SearchForm
        label={words.label}
        button={words.button}
        status={refusal ?? standOf(model)}
        isRefused={refusal !== undefined}
        empty={words.empty}
        onSearch={actions.open}
      >
        {model.opening.value?.status === 'opened' ? (
          <p class="actions">
            <button type="button" class="control" onClick={() => goTo('blob-title')}>
              {words.show}
            </button>
          </p>
        ) : null}
      </SearchForm>
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
