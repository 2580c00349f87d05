import type { BootStep } from '@perigee/sampler';
import { milliseconds } from '../format.ts';
import type { Model } from '../model/index.ts';
import { boot, bootStep, slower } from '../strings/index.ts';

const STEPS: readonly BootStep['name'][] = ['worker', 'network', 'connect', 'header', 'state', 'prime', 'row'];
/** On a good connection the first row is there in one second; past this a person should know that waiting is still right. */
const SLOW_AFTER_MS = 6_000;

/** The start in steps with their times; all places are there from the beginning. */
export function Boot({ model }: { readonly model: Model }) {
  const state = model.state.value;
  const steps = state?.boot ?? [];
  const waiting = state?.head === undefined && model.failure.value === undefined && !model.paused.value;
  return (
    <section class="boot" aria-labelledby="boot-title">
      <h2 id="boot-title" class="label">
        {boot.title}
        {waiting ? <SlowHint model={model} /> : null}
      </h2>
      <ol>
        {STEPS.map((name) => {
          const step = steps.find((s) => s.name === name);
          return (
            <li key={name} data-done={step !== undefined}>
              <span>{bootStep[name]}</span>
              <span class="time">{step === undefined ? boot.pending : milliseconds(step.atMs)}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function SlowHint({ model }: { readonly model: Model }) {
  return model.now.value - model.startedAt.value > SLOW_AFTER_MS ? <small>{slower}</small> : null;
}
