import type { HeadView, LightNodeState } from '@perigee/sampler';
import { CURRENT_WITHIN_MS } from '@perigee/wire';
import { age, bits, count, milliseconds, percent, shortHex, time } from '../format.ts';
import type { Model } from '../model/index.ts';
import { freshness, NONE, head as words } from '../strings/index.ts';
import { Fact } from './Fact.tsx';

export function HeadSection({ model }: { readonly model: Model }) {
  const state = model.state.value;
  const head = state?.head;
  const genesisHash = state?.chain?.genesisHash;
  const sampled = head?.confidence;
  return (
    <section class="card head" aria-labelledby="head-title">
      <h2 id="head-title" class="label">
        {words.title}
      </h2>
      <p class="height" data-height={head?.height}>
        {head === undefined ? NONE : count(head.height)}
      </p>
      <p class="since">
        <Freshness model={model} state={state} />
      </p>
      <dl>
        <Fact name={words.age}>{head === undefined ? undefined : <Age model={model} head={head} />}</Fact>
        <Fact name={words.finality}>{head === undefined ? undefined : finality(head)}</Fact>
        <Fact name={words.sampled}>
          {sampled === undefined
            ? undefined
            : sampled.blobs === 0
              ? words.sampledNone
              : words.sampledValue(count(sampled.sampled), count(sampled.blobs), count(sampled.height))}
        </Fact>
        <Fact name={words.lowest}>{sampled?.bits === undefined ? undefined : words.lowestValue(bits(sampled.bits))}</Fact>
        <Fact name={words.signed}>
          {head?.signedPower === undefined ? undefined : words.signedValue(percent(head.signedPower))}
        </Fact>
        <Fact name={words.validators}>{head === undefined ? undefined : count(head.validators)}</Fact>
        <Fact name={words.sources}>{head === undefined ? undefined : words.peers(head.sources.length)}</Fact>
        <Fact name={words.verify}>{head === undefined ? undefined : milliseconds(head.verifyMs)}</Fact>
        <Fact name={words.clock}>
          {state === undefined ? undefined : words.clockState[state.clock.state](age(state.clock.offsetMs))}
        </Fact>
        <Fact name={words.hash} title={head?.headerHash} mono>
          {head === undefined ? undefined : shortHex(head.headerHash)}
        </Fact>
        <Fact name={words.genesis} title={genesisHash} mono>
          {genesisHash === undefined ? undefined : shortHex(genesisHash)}
        </Fact>
      </dl>
    </section>
  );
}

/** From the time of a block until its commit was verified here. One that was old by then says only when this page came to it. */
function finality({ timeMs, verifiedAtMs }: HeadView): string | undefined {
  const lag = verifiedAtMs - timeMs;
  return lag > CURRENT_WITHIN_MS ? undefined : milliseconds(Math.max(0, lag));
}

/** Apart, so that the tick of a second draws nothing else anew. */
function Age({ model, head }: { readonly model: Model; readonly head: HeadView }) {
  return <>{words.ago(age(model.now.value - head.timeMs))}</>;
}

/** A snapshot says how fresh its head was when it was taken; a head that nothing follows grows old without one. */
function Freshness({ model, state }: { readonly model: Model; readonly state: LightNodeState | undefined }) {
  const head = state?.head;
  if (head === undefined) return <span class="chip">{freshness.name(undefined, '')}</span>;
  const old = model.now.value - head.timeMs > CURRENT_WITHIN_MS;
  const paused = model.paused.value;
  const value = old || paused ? 'stale' : state?.freshness;
  return (
    <>
      <span class="chip" data-freshness={value}>
        {freshness.name(value, time(head.timeMs, model.now.value))}
      </span>
      <small>{paused ? freshness.paused : value === undefined ? null : freshness.meaning[value]}</small>
    </>
  );
}
