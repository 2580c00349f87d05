import type { BlobView, LightNodeState } from '@perigee/sampler';
import type { ViewProps } from '../model/index.ts';
import { BlobSection } from './BlobSection.tsx';
import { Boot } from './Boot.tsx';
import { Device } from './Device.tsx';
import { HeadSection } from './HeadSection.tsx';
import { LazyBelow } from './LazyBelow.tsx';
import { RecentBlobs } from './RecentBlobs.tsx';

export interface LiveViewProps extends ViewProps {
  readonly state: LightNodeState | undefined;
  readonly blob: BlobView | undefined;
  /** It failed before there was anything to show. */
  readonly isEmpty: boolean;
}

/** What is verified now, in one screen; it comes with the first paint. */
export function LiveView({ model, actions, state, blob, isEmpty }: LiveViewProps) {
  if (isEmpty) return null;
  return (
    <>
      <Boot model={model} />
      <div class="board">
        <HeadSection model={model} />
        <BlobSection model={model} actions={actions} blob={blob} />
        <div class="stack">
          <RecentBlobs blobs={state?.blobs ?? []} shownId={blob?.blobId} nowMs={model.now.peek()} onChoose={actions.choose} />
          <Device model={model} />
        </div>
      </div>
      <LazyBelow model={model} actions={actions} />
    </>
  );
}
