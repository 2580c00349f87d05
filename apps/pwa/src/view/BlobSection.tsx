import type { BlobView } from '@perigee/sampler';
import { count, namespace, percent, size } from '../format.ts';
import { adviceFor, blobPhase, blob as words } from '../strings/index.ts';
import { Fact } from './Fact.tsx';
import { Rows } from './Rows.tsx';

export function BlobSection({ blob }: { readonly blob: BlobView | undefined }) {
  const record = blob?.record;
  return (
    <section class="card blob" aria-labelledby="blob-title" data-blob={blob?.blobId} data-phase={blob?.phase}>
      <h2 id="blob-title" class="label">
        {words.title}
      </h2>
      <p class="id mono">{blob?.blobId ?? words.waiting}</p>
      <dl class="wide">
        <Fact name={words.phase} note={blob?.error === undefined ? undefined : adviceFor(blob.error.code).title}>
          {blob === undefined ? undefined : blobPhase[blob.phase]}
        </Fact>
        <Fact name={words.size}>{record === undefined ? undefined : size(record.length)}</Fact>
        <Fact name={words.code}>
          {record === undefined ? undefined : words.codeValue(count(record.k), count(record.n), size(record.rowSize))}
        </Fact>
        <Fact name={words.namespace} title={record?.namespace}>
          {record === undefined ? undefined : namespace(record.namespace)}
        </Fact>
        <Fact name={words.recorded}>
          {record === undefined || blob?.provedAt === undefined
            ? undefined
            : words.recordedValue(count(record.height), count(blob.provedAt))}
        </Fact>
        <Fact name={words.expires}>{record === undefined ? undefined : count(record.expiryHeight)}</Fact>
      </dl>
      <Rows key={blob?.blobId ?? ''} blob={blob} />
      <Trust blob={blob} />
    </section>
  );
}

/** What others vouch for, set apart from what was checked here: the two are never added (PROTOCOL §4). */
function Trust({ blob }: { readonly blob: BlobView | undefined }) {
  const record = blob?.record;
  return (
    <dl class="trust">
      <Fact name={words.operators}>{blob === undefined ? undefined : words.operatorsValue(blob.operators)}</Fact>
      <Fact name={words.trust} note={words.trustNote}>
        {record === undefined
          ? undefined
          : words.trustValue(percent(record.signedStake), count(record.signers), count(record.members))}
      </Fact>
    </dl>
  );
}
