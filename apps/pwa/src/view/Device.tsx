import type { LightNodeState } from '@perigee/sampler';
import { count, size } from '../format.ts';
import { adviceFor, device as words } from '../strings/index.ts';
import { Fact } from './Fact.tsx';

/** What this page received, sent and keeps. */
export function Device({ state }: { readonly state: LightNodeState | undefined }) {
  const storage = state?.storage;
  return (
    <section class="card device" aria-labelledby="device-title">
      <h2 id="device-title" class="label">
        {words.title}
      </h2>
      <dl>
        <Fact name={words.received}>{state === undefined ? undefined : size(state.bytesIn)}</Fact>
        <Fact name={words.sent}>{state === undefined ? undefined : size(state.bytesOut)}</Fact>
        <Fact name={words.rows}>{state === undefined ? undefined : count(state.rowsVerified)}</Fact>
        <Fact name={words.kept} note={storage?.error === undefined ? undefined : adviceFor(storage.error.code).title}>
          {storage === undefined
            ? state === undefined
              ? undefined
              : words.nothing
            : words.keptValue(size(storage.usedBytes), size(storage.budgetBytes))}
        </Fact>
      </dl>
    </section>
  );
}
