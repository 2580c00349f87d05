import type { Signal } from '@preact/signals';
import { count } from '../../format.ts';
import type { ViewProps } from '../../model/index.ts';
import { streams } from '../../strings/streams/index.ts';

const { write: words } = streams;

export interface WriteEntryProps extends ViewProps {
  readonly draft: Signal<{ readonly key: string; readonly value: string }>;
}

export function WriteEntry({ model, actions, draft }: WriteEntryProps) {
  const { doing, wrote } = model.streams.value;
  const { key, value } = draft.value;
  const isWriting = doing === 'write';
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (key !== '' && !isWriting) actions.writeEntry(key, value);
  };
  return (
    <form class="streams-write" onSubmit={onSubmit} aria-labelledby="streams-write-title">
      <h3 id="streams-write-title">{words.title}</h3>
      <label>
        {words.key}
        <input
          type="text"
          class="mono"
          value={key}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(event) => {
            draft.value = { ...draft.value, key: event.currentTarget.value };
          }}
        />
      </label>
      <label>
        {words.value}
        <textarea
          rows={3}
          value={value}
          onInput={(event) => {
            draft.value = { ...draft.value, value: event.currentTarget.value };
          }}
        />
      </label>
      <p class="quiet" role="status" data-wrote={wrote?.version}>
        {isWriting
          ? words.writing
          : wrote === undefined
            ? words.hint
            : `${words.wrote(count(wrote.version), count(wrote.height))} ${words.by[wrote.by]}`}
      </p>
      <p class="actions">
        <button type="submit" class="control primary" disabled={key === '' || isWriting}>
          {key !== '' && value === '' ? words.remove : words.button}
        </button>
      </p>
    </form>
  );
}
