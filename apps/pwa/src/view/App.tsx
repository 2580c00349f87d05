import type { BlobView, LightNodeState } from '@perigee/sampler';
import { count, size } from '../format.ts';
import { leadOf, shownBlob } from '../lead.ts';
import type { ViewProps } from '../model.ts';
import { about, footer } from '../strings/index.ts';
import { BlobSection } from './BlobSection.tsx';
import { Boot } from './Boot.tsx';
import { Device } from './Device.tsx';
import { Header } from './Header.tsx';
import { HeadSection } from './HeadSection.tsx';
import { LazyBelow } from './LazyBelow.tsx';
import { LeadSection } from './LeadSection.tsx';
import { Problem } from './Problem.tsx';
import { RecentBlobs } from './RecentBlobs.tsx';
import { TrustRequest } from './TrustRequest.tsx';

export function App({ model, actions }: ViewProps) {
  const state = model.state.value;
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
    offline: model.offline.value,
    nowMs: model.now.peek(),
  });
  return (
    <>
      <Header model={model} actions={actions} />
      <main data-phase={failed ? 'failed' : (state?.phase ?? 'loading')} data-rows-verified={state?.rowsVerified ?? 0}>
        <LeadSection lead={lead} />
        <TrustRequest model={model} actions={actions} />
        {error === undefined ? null : <Problem error={error} onRestart={actions.resume} />}
        {nothingToShow ? null : <Board model={model} actions={actions} state={state} blob={blob} />}
        <details class="more about">
          <summary>{about.title}</summary>
          {about.paragraphs.map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </details>
      </main>
      <footer class="quiet">
        {state === undefined || state.bytesIn === 0
          ? footer.started
          : footer.totals(count(state.rowsVerified), size(state.bytesIn))}
      </footer>
    </>
  );
}

interface BoardProps extends ViewProps {
  readonly state: LightNodeState | undefined;
  readonly blob: BlobView | undefined;
}

function Board({ model, actions, state, blob }: BoardProps) {
  return (
    <>
      <Boot model={model} />
      <div class="board">
        <HeadSection model={model} />
        <BlobSection model={model} actions={actions} blob={blob} />
        <div class="stack">
          <RecentBlobs blobs={state?.blobs ?? []} shownId={blob?.blobId} nowMs={model.now.peek()} onChoose={actions.choose} />
          <Device state={state} />
        </div>
      </div>
      <LazyBelow model={model} actions={actions} />
    </>
  );
}
