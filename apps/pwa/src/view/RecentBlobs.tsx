import type { BlobView } from '@perigee/sampler';
import { bits, count, shortHex, size, time } from '../format.ts';
import { recent as words } from '../strings/index.ts';
import { OutcomeChip } from './OutcomeChip.tsx';

export interface RecentBlobsProps {
  /** Newest first. */
  readonly blobs: readonly BlobView[];
  readonly shownId: string | undefined;
  readonly nowMs: number;
  /** `undefined` follows the newest again. */
  readonly onChoose: (blobId: string | undefined) => void;
}

export function RecentBlobs({ blobs, shownId, nowMs, onChoose }: RecentBlobsProps) {
  return (
    <section class="card recent" aria-labelledby="recent-title">
      <h2 id="recent-title" class="label">
        {words.title}
      </h2>
      {blobs.length === 0 ? <p class="quiet empty">{words.none}</p> : null}
      <ol>
        {blobs.map((blob, place) => (
          <li key={blob.blobId}>
            <button
              type="button"
              aria-pressed={blob.blobId === shownId}
              onClick={() => onChoose(place === 0 ? undefined : blob.blobId)}
            >
              <span class="recent-head">
                <span class="mono">{shortHex(blob.blobId)}</span>
                <OutcomeChip blob={blob} />
              </span>
              <small>{summary(blob, nowMs)}</small>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function summary({ record, rows, verified, confidence, earlier, outcomeAtMs }: BlobView, nowMs: number): string {
  const parts = record === undefined ? [] : [size(record.length)];
  if (rows.length > 0) parts.push(words.progress(count(verified), count(rows.length)));
  if (confidence !== undefined) parts.push(words.bits(bits(confidence.availabilityBits)));
  if (earlier && outcomeAtMs !== undefined) parts.push(words.earlier(time(outcomeAtMs, nowMs)));
  return parts.join(', ');
}
