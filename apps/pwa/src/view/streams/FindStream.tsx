import type { ViewProps } from '../../model/index.ts';
import { adviceFor } from '../../strings/index.ts';
import { streams } from '../../strings/streams/index.ts';
import { SearchForm } from '../SearchForm.tsx';

const { find: words } = streams;

export function FindStream({ model, actions }: ViewProps) {
  const { problem, stream } = model.streams.value;
  // what is wrong with an open stream is said where it is shown
  const refused = stream === undefined ? problem : undefined;
  return (
    <SearchForm
      labelledBy="streams-find-title"
      label={words.label}
      button={words.button}
      status={refused === undefined ? words.hint : `${adviceFor(refused.code).title}. ${refused.message}`}
      isRefused={refused !== undefined}
      empty={words.empty}
      onSearch={actions.openStream}
      heading={<h3 id="streams-find-title">{words.title}</h3>}
    >
      <p class="actions">
        <button type="button" class="control" onClick={() => actions.openStream(undefined)}>
          {words.fresh}
        </button>
      </p>
    </SearchForm>
  );
}
