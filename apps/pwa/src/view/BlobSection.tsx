import type { BlobView } from '@perigee/sampler';
import { time } from '../format.ts';
import type { Model, Task, ViewProps } from '../model/index.ts';
import { linkTo } from '../navigation/address.ts';
import { adviceFor, lead, outcome, blob as words } from '../strings/index.ts';
import { BlobFacts } from './BlobFacts.tsx';
import { Confidences } from './Confidences.tsx';
import { CopyButton } from './CopyButton.tsx';
import { OutcomeChip } from './OutcomeChip.tsx';
import { Rows } from './Rows.tsx';
import { TaskLine } from './TaskLine.tsx';
import { Trust } from './Trust.tsx';

export interface BlobSectionProps extends ViewProps {
  readonly blob: BlobView | undefined;
}

export function BlobSection({ model, actions, blob }: BlobSectionProps) {
  const { chain, head } = model.state.value ?? {};
  const evidenceId = blob?.evidenceId;
  const shownId = blob?.blobId ?? model.opening.value?.blobId;
  const stand = blob === undefined ? undefined : retrievalOf(model.tasks.value, blob.blobId);
  return (
    <section
      class="card blob"
      aria-labelledby="blob-title"
      data-blob={blob?.blobId}
      data-phase={blob?.phase}
      data-outcome={blob?.outcome}
    >
      <div class="blob-head">
        <h2 id="blob-title" class="label" tabIndex={-1}>
          {words.title}
        </h2>
        {blob === undefined ? null : <OutcomeChip blob={blob} />}
      </div>
      <p class="id mono">{shownId ?? words.waiting}</p>
      <p class="found quiet">{blob === undefined ? openingWords(model) : findings(blob, model)}</p>
      <p class="actions">
        <button
          type="button"
          class="control"
          disabled={blob === undefined || (blob.outcome === 'expired' ? !blob.stored : blob.record === undefined)}
          onClick={() => {
            if (blob !== undefined) actions.retrieve(blob.blobId);
          }}
        >
          {words.actions.retrieve}
        </button>
        <CopyButton
          label={words.actions.copyLink}
          disabled={shownId === undefined}
          text={() => (shownId === undefined ? undefined : linkTo(shownId, model.trusted.peek(), location.href))}
          copy={actions.copy}
        />
        {evidenceId === undefined ? null : (
          <button type="button" class="control" onClick={() => actions.saveEvidence(evidenceId)}>
            {words.actions.saveEvidence}
          </button>
        )}
        {stand === undefined ? null : <TaskLine task={stand} />}
      </p>
      <Confidences blob={blob} />
      <Rows key={blob?.blobId ?? ''} blob={blob} />
      <BlobFacts blob={blob} headHeight={head?.height} />
      <Trust blob={blob} development={chain?.development} />
    </section>
  );
}

/** What became of the blob's last retrieval. */
function retrievalOf(tasks: readonly Task[], blobId: string): Task | undefined {
  return tasks.find((task) => task.kind === 'retrieve' && task.blobId === blobId);
}

/** Of a blob that is asked for, and not listed. */
function openingWords({ opening, refusal }: Model): string | null {
  if (opening.value?.status === 'asked') return lead.opening.detail;
  return opening.value?.status === 'refused' && refusal.value !== undefined ? adviceFor(refusal.value.code).title : null;
}

function findings(blob: BlobView, { state, now }: Model): string {
  const nowMs = now.peek();
  if (blob.error !== undefined) return adviceFor(blob.error.code).title;
  // without peers nothing can be retrieved either
  if (blob.outcome === 'inconclusive' && !state.value?.peers.some(({ connected }) => connected)) return words.peersLost;
  if (blob.outcome === undefined) return words.noOutcome;
  const at = blob.outcomeAtMs === undefined ? '' : time(blob.outcomeAtMs, nowMs);
  return `${outcome[blob.outcome].meaning} ${blob.earlier ? words.earlier(at) : words.found(at)}`;
}
