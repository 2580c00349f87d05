import { useSignal } from '@preact/signals';
import { shownText } from '../../files/names.ts';
import { count } from '../../format.ts';
import type { ComputeView } from '../../model/index.ts';
import { compute } from '../../strings/compute/index.ts';
import { DropField } from '../DropField.tsx';
import { Outcome, Step } from './Answer.tsx';
import { tokens } from './amounts.ts';
import { Checks } from './Checks.tsx';
import { chosenRow, fittingRows, Providers } from './Providers.tsx';

const words = compute.search;
const MAX_TEXTS = 1_000;
const MAX_FILE_BYTES = 262_144;

export interface SearchProps {
  readonly view: ComputeView;
  readonly nowMs: number;
  readonly onLook: () => void;
  readonly onEmbed: (signer: string, texts: readonly string[]) => void;
  readonly onSearch: (text: string) => void;
  readonly onStop: () => void;
  readonly onSave: () => void;
}

/** Sentences that are searched by what they mean. */
export function Search({ view, nowMs, onLook, onEmbed, onSearch, onStop, onSave }: SearchProps) {
  const chosen = useSignal<string | undefined>(undefined);
  const text = useSignal('');
  const file = useSignal<File | undefined>(undefined);
  const isUnreadable = useSignal(false);
  const query = useSignal('');
  const row = chosenRow(fittingRows(view, 'embeddings'), chosen.value);
  const { search } = view;
  const texts = sentencesOf(text.value);
  const isRunning = search.doing !== undefined || search.stage !== undefined;
  const isIndexed = search.done > 0 && search.done === search.all;
  const read = async (given: File | undefined): Promise<void> => {
    file.value = given;
    const content = given === undefined || given.size > MAX_FILE_BYTES ? undefined : await given.text().catch(() => undefined);
    isUnreadable.value = given !== undefined && (content === undefined || content.includes('\0'));
    if (content !== undefined && !isUnreadable.value) text.value = content;
  };
  return (
    <>
      <form
        class="compute-texts"
        onSubmit={(event) => {
          event.preventDefault();
          if (row !== undefined && !isRunning && texts.length > 0) onEmbed(row.signer, texts);
        }}
      >
        <Providers
          view={view}
          does="embeddings"
          name="compute-embeddings"
          chosen={chosen.value}
          nowMs={nowMs}
          onLook={onLook}
          onChoose={(signer) => {
            chosen.value = signer;
          }}
        />
        <DropField words={words} chosen={file.value} onChoose={(given) => void read(given)} />
        {isUnreadable.value ? <p class="obstacle">{words.unreadable}</p> : null}
        <label>
          {words.label}
          <textarea
            rows={5}
            value={text.value}
            aria-describedby="compute-texts-count"
            onInput={(event) => {
              text.value = event.currentTarget.value;
              file.value = undefined;
            }}
          />
        </label>
        <p class={texts.length > MAX_TEXTS ? 'obstacle' : 'quiet'} id="compute-texts-count">
          {words.counted(count(texts.length))}. {texts.length > MAX_TEXTS ? words.tooMany : ''}
        </p>
        <p class="actions">
          <button
            type="submit"
            class="control primary"
            disabled={row === undefined || isRunning || texts.length === 0 || texts.length > MAX_TEXTS}
          >
            {words.button}
          </button>
          <button type="button" class="control" disabled={!isRunning} onClick={onStop}>
            {words.stop}
          </button>
        </p>
      </form>
      <div class="compute-index" data-done={search.done} data-all={search.all} data-stage={search.stage}>
        <Step
          exchange={search}
          words={
            search.stage === 'query'
              ? words.finding
              : search.all === 0
                ? undefined
                : words.progress(count(search.done), count(search.all))
          }
        />
        {isIndexed ? (
          <form
            class="compute-query"
            onSubmit={(event) => {
              event.preventDefault();
              if (query.value.trim() !== '' && !isRunning) onSearch(query.value.trim());
            }}
          >
            <label for="compute-query">{words.query}</label>
            <div class="field">
              <input
                id="compute-query"
                type="text"
                autocomplete="off"
                value={query.value}
                onInput={(event) => {
                  query.value = event.currentTarget.value;
                }}
              />
              <button type="submit" class="control primary" disabled={isRunning || query.value.trim() === ''}>
                {words.find}
              </button>
            </div>
          </form>
        ) : null}
        {search.found.length === 0 ? null : (
          <>
            <h3>{words.found(shownText(search.query ?? ''))}</h3>
            <ol class="compute-found">
              {search.found.map((one, i) => (
                <li key={i} data-likeness={one.likeness.toFixed(3)}>
                  <bdi>{shownText(one.text, 400)}</bdi> <span class="quiet">{words.likeness(one.likeness.toFixed(2))}</span>
                </li>
              ))}
            </ol>
          </>
        )}
        <Outcome exchange={search} />
        {search.verdict === undefined ? null : (
          <Checks title={words.checks} names={compute.check} checks={search.verdict.checks} isOpen={search.doing !== undefined} />
        )}
        {search.receipts === 0 ? null : (
          <>
            <p class="quiet">
              {words.receipts(count(search.receipts))} {search.fee === undefined ? '' : compute.answer.fee(tokens(search.fee))}
            </p>
            <p class="actions">
              <button type="button" class="control" onClick={onSave}>
                {compute.keep.saveAll(count(search.receipts))}
              </button>
            </p>
          </>
        )}
      </div>
    </>
  );
}

/** Lines that are not empty. */
function sentencesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
