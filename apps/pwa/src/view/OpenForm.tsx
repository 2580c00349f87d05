import { useSignal } from '@preact/signals';
import type { ViewProps } from '../model.ts';
import { adviceFor, open as words } from '../strings/index.ts';

/** Opens a blob by its commitment, its id or a link. */
export function OpenForm({ model, actions }: ViewProps) {
  const text = useSignal('');
  const refusal = model.refusal.value;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (text.value.trim() !== '') actions.open(text.value.trim());
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
              }}
            />
            <button type="submit" class="control">
              {words.button}
            </button>
          </span>
        </label>
      </form>
      <p class={refusal === undefined ? 'quiet' : 'obstacle'} role="status">
        {refusal === undefined ? words.hint : `${adviceFor(refusal.code).title}: ${refusal.message}`}
      </p>
    </section>
  );
}
