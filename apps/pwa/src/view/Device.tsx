import type { HeaderView, LightNodeState } from '@perigee/sampler';
import { age, count, size } from '../format.ts';
import type { Model, ViewProps } from '../model/index.ts';
import { adviceFor, NONE, device as words } from '../strings/index.ts';
import { Fact } from './Fact.tsx';

/** How far back the pace of the chain is measured, milliseconds. */
const PACE_MS = 5 * 60_000;

/** What this page received, sent and keeps. */
export function Device({ model }: Pick<ViewProps, 'model'>) {
  const state = model.state.value;
  const storage = state?.storage;
  const pace = paceOf(state?.headers ?? []);
  const isRunning = state !== undefined && !model.paused.value && model.resting.value === undefined;
  return (
    <section class="card device" aria-labelledby="device-title">
      <h2 id="device-title" class="label">
        {words.title}
      </h2>
      <dl>
        <Fact name={words.received}>{state === undefined ? undefined : size(state.bytesIn)}</Fact>
        <Fact name={words.sent}>{state === undefined ? undefined : size(state.bytesOut)}</Fact>
        <Fact name={words.rows}>{state === undefined ? undefined : count(state.rowsVerified)}</Fact>
        <Fact name={words.rate}>{state === undefined ? undefined : words.rateValue(size(state.budgets.bytesPerSecond))}</Fact>
        <Fact name={words.today}>{state === undefined ? undefined : size(state.budgets.bytesToday)}</Fact>
        <Fact name={words.pace}>{pace === undefined ? undefined : count(pace)}</Fact>
        <Fact name={words.runs}>
          <Since model={model} sinceMs={isRunning ? model.startedAt.value : undefined} words={(span) => span} />
        </Fact>
        <Fact name={words.lastSample}>
          <Since model={model} sinceMs={lastSampleMs(state)} words={words.ago} />
        </Fact>
        <Fact name={words.kept} note={storage?.error === undefined ? undefined : adviceFor(storage.error.code).title}>
          {storage === undefined
            ? state === undefined
              ? undefined
              : words.nothing
            : words.keptValue(size(storage.usedBytes), size(storage.budgetBytes))}
        </Fact>
        <Fact name={words.runsIn}>
          {state === undefined
            ? undefined
            : model.isLeading.value
              ? words.thisTab
              : model.extension.value?.isUsed === true
                ? words.extension
                : words.otherTab}
        </Fact>
        <Fact name={words.offline}>{model.isKept.value ? words.offlineKept : words.offlineNot}</Fact>
      </dl>
    </section>
  );
}

interface SinceProps {
  readonly model: Model;
  readonly sinceMs: number | undefined;
  readonly words: (span: string) => string;
}

/** Apart, so that the tick of a second draws nothing else anew. */
function Since({ model, sinceMs, words: say }: SinceProps) {
  return <>{sinceMs === undefined ? NONE : say(age(model.now.value - sinceMs))}</>;
}

/** Blocks a minute by their own times, over the headers that are listed; `undefined` for fewer than two. */
export function paceOf(headers: readonly Pick<HeaderView, 'height' | 'timeMs'>[]): number | undefined {
  const newest = headers[0];
  // what was skipped to or kept from an earlier visit may lie far back
  const oldest = headers.findLast(({ timeMs }) => newest !== undefined && newest.timeMs - timeMs <= PACE_MS);
  if (newest === undefined || oldest === undefined || newest.timeMs === oldest.timeMs) return undefined;
  return ((newest.height - oldest.height) * 60_000) / (newest.timeMs - oldest.timeMs);
}

/** When the last blob was decided in this visit. */
function lastSampleMs(state: LightNodeState | undefined): number | undefined {
  const times = (state?.blobs ?? []).flatMap(({ earlier, outcomeAtMs }) =>
    earlier || outcomeAtMs === undefined ? [] : outcomeAtMs,
  );
  return times.length === 0 ? undefined : Math.max(...times);
}
