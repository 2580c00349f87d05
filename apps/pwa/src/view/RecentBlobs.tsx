import type { BlobView } from '@perigee/sampler';
import { count, shortHex, size } from '../format.ts';
import { blobPhase, recent as words } from '../strings/index.ts';

export interface RecentBlobsProps {
  /** Newest first. */
  readonly blobs: readonly BlobView[];
  readonly shownId: string | undefined;
  /** `undefined` follows the newest again. */
  readonly onChoose: (blobId: string | undefined) => void;
}

export function RecentBlobs({ blobs, shownId, onChoose }: RecentBlobsProps) {
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
              <span class="mono">{shortHex(blob.blobId)}</span>
              <small>{summary(blob)}</small>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function summary({ record, rows, verified, phase }: BlobView): string {
  if (record === undefined) return blobPhase[phase];
  const progress = rows.length === 0 ? blobPhase[phase] : words.progress(count(verified), count(rows.length));
  return `${size(record.length)}, ${progress}`;
}
