import type { Snapshot, SnapshotBlob } from '../snapshot.ts';
import { blobLine, bytes, count, popup as words } from '../strings.ts';

const SHOWN_DIGITS = 12;

export function Facts({ snapshot: { head, peers, webrtc, rowsVerified, bytesIn } }: { readonly snapshot: Snapshot }) {
  const signed = head?.signedPower;
  const facts = [
    [words.block, head === null ? '–' : count(head.height)],
    [words.signed, signed === null || signed === undefined ? '–' : `${Math.floor(signed * 100)} %`],
    [words.peers, words.peersOf(peers, webrtc)],
    [words.rows, count(rowsVerified)],
    [words.received, bytes(bytesIn)],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Blobs({ blobs }: { readonly blobs: readonly SnapshotBlob[] }) {
  return (
    <section>
      <h2>{words.blobs}</h2>
      {blobs.length === 0 && <p class="quiet">{words.noBlobs}</p>}
      <ul class="list">
        {blobs.map((blob) => (
          <li key={blob.blobId} data-blob={blob.blobId} data-outcome={blob.outcome ?? 'pending'}>
            <code title={blob.blobId}>{blob.blobId.slice(2, 2 + SHOWN_DIGITS)}…</code>
            <span>{blobLine(blob)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
