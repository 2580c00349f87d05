import type { ViewProps } from '../../model/index.ts';
import { refused } from '../../strings/index.ts';
import { storage } from '../../strings/storage/index.ts';
import { SearchForm } from '../SearchForm.tsx';

const { look: words } = storage;

export function FindFile({ model, actions }: ViewProps) {
  const { looking, problem } = model.storage.value;
  const refusal = problem === undefined ? undefined : refused(problem.code, problem.message, words.notFound);
  return (
    <SearchForm
      labelledBy="storage-find-title"
      label={words.label}
      button={words.button}
      status={refusal ?? (looking ? words.looking : undefined)}
      isRefused={refusal !== undefined}
      empty={words.empty}
      onSearch={actions.lookUp}
      heading={<h3 id="storage-find-title">{words.title}</h3>}
    />
  );
}
