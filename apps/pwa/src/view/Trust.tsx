import type { BlobView } from '@perigee/sampler';
import { count, percent } from '../format.ts';
import { blob as words } from '../strings/index.ts';
import { Fact } from './Fact.tsx';

export interface TrustProps {
  readonly blob: BlobView | undefined;
  readonly development: boolean | undefined;
}

/** What others vouch for, set apart from what was checked here: the two are never added (PROTOCOL §4). */
export function Trust({ blob, development }: TrustProps) {
  const record = blob?.record;
  return (
    <>
      <h3 class="label trust-title">{words.trustTitle}</h3>
      <dl class="trust">
        <Fact name={words.trust} note={words.trustNote}>
          {record === undefined
            ? undefined
            : words.trustValue(percent(record.signedStake), count(record.signers), count(record.members))}
        </Fact>
        <Fact name={words.operators} note={development === true ? words.oneOperator : words.maybeOneOperator}>
          {blob === undefined ? undefined : words.operatorsValue(blob.operators)}
        </Fact>
      </dl>
    </>
  );
}
