import type { BlobView } from '@perigee/sampler';
import { time } from '../format.ts';
import { linkTo } from '../link.ts';
import type { ViewProps } from '../model.ts';
import { adviceFor, outcome, blob as words } from '../strings/index.ts';
import { BlobFacts } from './BlobFacts.tsx';
import { Confidences } from './Confidences.tsx';
import { CopyButton } from './CopyButton.tsx';
import { OutcomeChip } from './OutcomeChip.tsx';
import { Rows } from './Rows.tsx';
import { Trust } from './Trust.tsx';

export interface BlobSectionProps extends ViewProps {
  readonly blob: BlobView | undefined;
}

export function BlobSection({ model, actions, blob }: BlobSectionProps) {
  const { chain, head } = model.state.value ?? {};
  const evidenceId = blob?.evidenceId;
  return (
    <section
      class="card blob"
      aria-labelledby="blob-title"
      data-blob={blob?.blobId}
      data-phase={blob?.phase}
      data-outcome={blob?.outcome}
    >
      <div class="blob-head">
        <h2 id="blob-title" class="label">
          {words.title}
        </h2>
        {blob === undefined ? null : <OutcomeChip blob={blob} />}
      </div>
      <p class="id mono">{blob?.blobId ?? words.waiting}</p>
      <p class="found quiet">{blob === undefined ? null : findings(blob, model.now.peek())}</p>
      <p class="actions">
        <button
          type="button"
          class="control"
          disabled={blob?.record === undefined || blob.outcome === 'expired'}
          onClick={() => {
            if (blob !== undefined) actions.retrieve(blob.blobId);
          }}
        >
          {words.actions.retrieve}
        </button>
        <CopyButton
          label={words.actions.copyLink}
          text={() => (blob === undefined ? undefined : linkTo(blob.blobId, model.trusted.peek(), location.href))}
          copy={actions.copy}
        />
        {evidenceId === undefined ? null : (
          <button type="button" class="control" onClick={() => actions.saveEvidence(evidenceId)}>
            {words.actions.saveEvidence}
          </button>
        )}
      </p>
      <Confidences blob={blob} />
      <Rows key={blob?.blobId ?? ''} blob={blob} />
      <BlobFacts blob={blob} headHeight={head?.height} />
      <Trust blob={blob} development={chain?.development} />
    </section>
  );
}

function findings(blob: BlobView, nowMs: number): string {
  if (blob.error !== undefined) return adviceFor(blob.error.code).title;
  if (blob.outcome === undefined) return words.noOutcome;
  const at = blob.outcomeAtMs === undefined ? '' : time(blob.outcomeAtMs, nowMs);
  return `${outcome[blob.outcome].meaning} ${blob.earlier ? words.earlier(at) : words.found(at)}`;
}
