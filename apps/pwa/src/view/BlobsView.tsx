import '../style/forms.css';
import { shownBlob } from '../lead.ts';
import type { ViewProps } from '../model/index.ts';
import { BlobSection } from './BlobSection.tsx';
import { OpenForm } from './OpenForm.tsx';
import { PublishForm } from './PublishForm.tsx';
import { RecentBlobs } from './RecentBlobs.tsx';
import { Tasks } from './Tasks.tsx';

/** Blobs: find one, publish one, see what is known of each. */
export function BlobsView({ model, actions }: ViewProps) {
  const state = model.state.value;
  const blob = shownBlob(state, model.chosen.value, model.opening.value);
  return (
    <>
      <div class="pair">
        <PublishForm model={model} actions={actions} />
        <div class="stack">
          <OpenForm model={model} actions={actions} />
          <Tasks model={model} actions={actions} />
        </div>
      </div>
      <div class="board">
        <RecentBlobs blobs={state?.blobs ?? []} shownId={blob?.blobId} nowMs={model.now.peek()} onChoose={actions.choose} />
        <BlobSection model={model} actions={actions} blob={blob} />
      </div>
    </>
  );
}
