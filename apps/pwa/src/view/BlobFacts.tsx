import type { BlobView } from '@perigee/sampler';
import { count, fraction, keyOf, namespace, percent, shortKey, size } from '../format.ts';
import { blob as words } from '../strings/index.ts';
import { Fact } from './Fact.tsx';

type BlobRecord = NonNullable<BlobView['record']>;

export interface BlobFactsProps {
  readonly blob: BlobView | undefined;
  readonly headHeight: number | undefined;
}

/** What the proved record says. */
export function BlobFacts({ blob, headHeight }: BlobFactsProps) {
  const record = blob?.record;
  const fact = (value: (record: BlobRecord) => string) => (record === undefined ? undefined : value(record));
  return (
    <>
      <h3 class="label facts-title">{words.policy}</h3>
      <dl class="wide">
        <Fact name={words.size}>{fact(({ length }) => size(length))}</Fact>
        <Fact name={words.code}>{fact(({ k, n, rowSize }) => words.codeValue(count(k), count(n), size(rowSize)))}</Fact>
        <Fact name={words.expires}>{fact(({ expiryHeight }) => expiry(expiryHeight, headHeight))}</Fact>
        <Fact name={words.persist}>{fact(({ persist }) => words.persistValue(persist, blob?.stored === true))}</Fact>
        <Fact name={words.redundancy}>
          {fact(({ redundancy, k, n }) => words.redundancyValue(redundancy, fraction(k, k + n)))}
        </Fact>
        <Fact name={words.quorum}>{fact((all) => words.quorumValue(percent(leastShare(all))))}</Fact>
        <Fact name={words.recorded}>
          {fact(({ height }) => words.recordedValue(count(height), count(blob?.provedAt ?? height)))}
        </Fact>
        <Fact name={words.namespace} title={record?.namespace}>
          {fact((all) => namespace(all.namespace))}
        </Fact>
        <Fact name={words.publisher} title={record && keyOf(record.publisher)} mono>
          {fact(({ publisher }) => shortKey(publisher))}
        </Fact>
      </dl>
    </>
  );
}

function expiry(expiryHeight: number, headHeight: number | undefined): string {
  const height = count(expiryHeight);
  if (headHeight !== undefined && headHeight > expiryHeight) return words.expiresPast(height);
  return words.expiresValue(height, count(expiryHeight - (headHeight ?? expiryHeight)));
}

/** Stake that a certificate had to exceed, as a share: the floor of PROTOCOL §3, or what its policy asks beyond that. */
function leastShare({ k, n, quorum }: BlobRecord): number {
  return Math.max(2 / 3, 1 / 3 + k / (k + n), quorum / 10_000);
}
