import { useLayoutEffect, useRef } from 'preact/hooks';
import { count, size } from '../format.ts';
import { leadOf, shownBlob } from '../lead.ts';
import type { ViewProps } from '../model/index.ts';
import type { ViewName } from '../navigation/views.ts';
import { footer } from '../strings/index.ts';
import { Header } from './Header.tsx';
import { Lazy } from './Lazy.tsx';
import { LazyView } from './LazyView.tsx';
import { LeadSection } from './LeadSection.tsx';
import { LiveView } from './LiveView.tsx';
import { Problem } from './Problem.tsx';

const loadTrustRequest = async () => (await import('./TrustRequest.tsx')).TrustRequest;
const loadNotices = async () => (await import('./Notices.tsx')).Notices;

export function App({ model, actions }: ViewProps) {
  const state = model.state.value;
  const view = model.view.value;
  const opening = model.opening.value;
  const blob = shownBlob(state, model.chosen.value, opening);
  const error = model.failure.value ?? state?.error;
  const failed = model.failure.value !== undefined;
  const nothingToShow = state?.head === undefined && (failed || state?.phase === 'failed');
  const lead = leadOf({
    state,
    blob,
    opening,
    refusal: model.refusal.value,
    failed,
    paused: model.paused.value,
    resting: model.resting.value,
    offline: model.offline.value,
    nowMs: model.now.peek(),
  });
  useArrival(view, model.scrollTo.peek());
  return (
    <>
      <Header model={model} actions={actions} />
      <main
        data-view={view}
        data-height={state?.head?.height}
        data-peers={state?.peers.filter(({ connected }) => connected).length ?? 0}
        data-phase={failed ? 'failed' : (state?.phase ?? 'loading')}
        data-rows-verified={state?.rowsVerified ?? 0}
        data-kept={model.isKept.value}
        data-leading={model.isLeading.value}
      >
        <LeadSection lead={lead} view={view} onShow={() => actions.go('live')} />
        <Lazy when={model.trustRequest.value !== undefined} load={loadTrustRequest} model={model} actions={actions} />
        {error === undefined ? null : <Problem error={error} onRestart={actions.resume} />}
        {view === 'live' ? (
          <LiveView model={model} actions={actions} state={state} blob={blob} isEmpty={nothingToShow} />
        ) : (
          <LazyView name={view} model={model} actions={actions} />
        )}
      </main>
      <footer class="quiet">
        {state === undefined || state.bytesIn === 0
          ? footer.started
          : footer.totals(count(state.rowsVerified), size(state.bytesIn))}
      </footer>
      <Lazy
        when={(model.update.value ?? model.earlierChain.value ?? model.extension.value) !== undefined}
        load={loadNotices}
        model={model}
        actions={actions}
      />
    </>
  );
}

/** Who has gone to another view stands at its heading: the keyboard and the screen reader go on from there. */
function useArrival(view: ViewName, top: number): void {
  const before = useRef(view);
  useLayoutEffect(() => {
    if (before.current === view) return;
    before.current = view;
    document.getElementById('view-title')?.focus({ preventScroll: true });
    scrollTo(0, top);
  }, [view]);
}
