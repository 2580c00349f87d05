import { age, count, keyOf, milliseconds, shortHex, size } from '../../format.ts';
import type { StreamEntry, StreamRead, StreamsView, ViewProps } from '../../model/index.ts';
import { refused } from '../../strings/index.ts';
import { streams } from '../../strings/streams/index.ts';
import { CopyButton } from '../CopyButton.tsx';

const { list: words, read: readWords } = streams;

export interface EntriesProps extends ViewProps {
  readonly onEdit: (key: string, name: string) => void;
}

/** What is in the stream, each value with what it rests on. */
export function Entries({ model, actions, onEdit }: EntriesProps) {
  const view = model.streams.value;
  const { stream = '', entries, hasMore, provedAt, doing, read, problem } = view;
  const now = model.now.value;
  return (
    <div class="streams-open" data-stream={stream} data-proved={provedAt?.height} data-doing={doing}>
      <div class="streams-head">
        <h3>
          {words.title}{' '}
          <span class="mono quiet" title={stream}>
            {shortHex(stream)}
          </span>
        </h3>
        <CopyButton label={words.copy} text={() => stream} copy={(text) => actions.copy(text)} />
      </div>
      <p class="quiet">{stateOf(view, now)}</p>
      <p class={problem === undefined ? 'quiet' : 'obstacle'} role="status" data-code={problem?.code}>
        {problem === undefined ? readLine(read, now) : refused(problem.code, problem.message, words.notFound)}
      </p>
      <ul class="streams-list">
        {entries.map((entry) => (
          <Entry key={entry.key} entry={entry} now={now} actions={actions} onEdit={onEdit} />
        ))}
      </ul>
      {hasMore ? (
        <p class="actions">
          <button type="button" class="control" disabled={doing === 'more'} onClick={() => actions.moreEntries()}>
            {words.more}
          </button>
        </p>
      ) : null}
    </div>
  );
}

function Entry({
  entry,
  now,
  actions,
  onEdit,
}: Pick<EntriesProps, 'actions' | 'onEdit'> & { readonly entry: StreamEntry; readonly now: number }) {
  const { key, name, value, isText, bytes, version, author, height, timeMs, source } = entry;
  const facts = [
    version === undefined ? undefined : words.version(count(version)),
    words.bytes(size(bytes)),
    words.header(count(height)),
    words.ago(age(now - timeMs)),
    words.source[source],
  ];
  return (
    <li data-key={name} data-source={source} data-version={version}>
      <div class="streams-entry">
        <span class="mono streams-key">{name}</span>
        <span class={isText ? 'streams-value' : 'mono streams-value'}>{value}</span>
        <span class="quiet streams-facts" title={author && keyOf(author)}>
          {facts.filter((fact) => fact !== undefined).join(' · ')}
        </span>
      </div>
      <p class="actions">
        <button
          type="button"
          class="control"
          aria-label={words.named(words.read, name)}
          onClick={() => actions.readEntry(key, false)}
        >
          {words.read}
        </button>
        <button
          type="button"
          class="control"
          aria-label={words.named(words.verify, name)}
          onClick={() => actions.readEntry(key, true)}
        >
          {words.verify}
        </button>
        {isText ? (
          <button type="button" class="control" aria-label={words.named(words.edit, name)} onClick={() => onEdit(key, name)}>
            {words.edit}
          </button>
        ) : null}
      </p>
    </li>
  );
}

function stateOf({ entries, hasMore, provedAt, doing }: StreamsView, now: number): string {
  if (provedAt === undefined) {
    if (entries.length > 0) return words.kept;
    return doing === 'open' ? words.asked : words.nothingKept;
  }
  const proved = words.proved(count(provedAt.height), age(now - provedAt.timeMs));
  if (entries.length === 0) return `${words.empty} ${capital(proved)}.`;
  const what = (hasMore ? words.first : words.whole)(count(entries.length));
  const { bytes, verifyMs } = provedAt.proof;
  return `${capital(what)}: ${proved}; ${words.proof(size(bytes), milliseconds(verifyMs))}.`;
}

function readLine(read: StreamRead | undefined, now: number): string | null {
  if (read === undefined) return null;
  const { name, source, tookMs, proof, height, timeMs, isThere } = read;
  const parts = [
    readWords.took(milliseconds(tookMs)),
    ...(proof === undefined ? [] : [readWords.proof(size(proof.bytes), milliseconds(proof.verifyMs))]),
    readWords.under(count(height), age(now - timeMs)),
    ...(isThere ? [] : [readWords.gone]),
  ];
  return `${name}: ${readWords.hit[source]}. ${capital(parts.join(', '))}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
