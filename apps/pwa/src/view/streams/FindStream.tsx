import type { ViewProps } from '../../model/index.ts';
import { refused } from '../../strings/index.ts';
import { streams } from '../../strings/streams/index.ts';
import { SearchForm } from '../SearchForm.tsx';

const { find: words } = streams;

export function FindStream({ model, actions }: ViewProps) {
  const { problem, stream } = model.streams.value;
  // what is wrong with an open stream is said where it is shown
  const wrong = stream === undefined ? problem : undefined;
  return (
    <SearchForm
      labelledBy="streams-find-title"
      label={words.label}
      button={words.button}
      status={wrong === undefined ? words.hint : refused(wrong.code, wrong.message)}
      isRefused={wrong !== undefined}
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
