import type { EventKind, NodeEvent } from '@perigee/sampler';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { saveFile } from '../files/save-file.ts';
import { count, shortHex, shortPeer, time } from '../format.ts';
import type { ViewProps } from '../model/index.ts';
import { EVENT_KINDS, eventKind, events as words } from '../strings/index.ts';
import { CopyButton } from './CopyButton.tsx';
import { describeData, eventsAsJson, filterEvents } from './filter-events.ts';
import { ScrollRegion } from './ScrollRegion.tsx';

/** Lines shown at first, and with each further wish. */
const LINES = 40;
const FILE = 'perigee-events.json';
const NO_EVENTS: readonly NodeEvent[] = [];

/** What happened, newest first. The list is bounded where it is kept, and only the lines that are asked for are made. */
export function Events({ model, actions }: ViewProps) {
  const kind = useSignal<EventKind | undefined>(undefined);
  const text = useSignal('');
  const lines = useSignal(LINES);
  const all = model.state.value?.events ?? NO_EVENTS;
  const matching = useMemo(() => filterEvents(all, { kind: kind.value, text: text.value }), [all, kind.value, text.value]);
  const list = useMemo(
    () => matching.slice(0, lines.value).map((event) => <Line key={event.id} event={event} nowMs={model.now.peek()} />),
    [matching, lines.value],
  );
  return (
    <section class="card events" aria-labelledby="events-title">
      <h2 id="events-title" class="label">
        {words.title} <span class="quiet">{words.shown(count(matching.length), count(all.length))}</span>
      </h2>
      <div class="fields">
        <label>
          {words.kind}
          <select
            onChange={(event) => {
              kind.value = EVENT_KINDS.find((one) => one === event.currentTarget.value);
            }}
          >
            <option value="">{words.all}</option>
            {EVENT_KINDS.map((one) => (
              <option key={one} value={one}>
                {eventKind[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {words.text}
          <input
            type="search"
            placeholder={words.placeholder}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
        <CopyButton label={words.copy} disabled={matching.length === 0} text={() => eventsAsJson(matching)} copy={actions.copy} />
        <button
          type="button"
          class="control"
          disabled={matching.length === 0}
          onClick={() => saveFile(new Blob([eventsAsJson(matching)], { type: 'application/json' }), FILE)}
        >
          {words.save}
        </button>
      </div>
      <ScrollRegion label={words.title}>
        {list.length === 0 ? <p class="quiet empty">{all.length === 0 ? words.none : words.noMatch}</p> : null}
        <ol>{list}</ol>
        {matching.length > lines.value ? (
          <button
            type="button"
            class="control"
            onClick={() => {
              lines.value += LINES;
            }}
          >
            {words.more(count(Math.min(LINES, matching.length - lines.value)))}
          </button>
        ) : null}
      </ScrollRegion>
    </section>
  );
}

function Line({ event, nowMs }: { readonly event: NodeEvent; readonly nowMs: number }) {
  return (
    <li data-event={event.kind}>
      <time>{time(event.atMs, nowMs)}</time>
      <strong>{eventKind[event.kind]}</strong>
      <span>
        <span class="mono" title={event.about}>
          {shortAbout(event.about)}
        </span>{' '}
        {describeData(event.data)}
      </span>
    </li>
  );
}

function shortAbout(about: string): string {
  return /^[0-9a-f]{17,}$/.test(about) ? shortHex(about) : about.length > 40 ? shortPeer(about) : about;
}
