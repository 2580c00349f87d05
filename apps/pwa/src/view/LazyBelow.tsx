import type { LightNodeState } from '@perigee/sampler';
import { useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ViewProps } from '../model/index.ts';
import { controls } from '../strings/index.ts';
import type { LiveBelow } from './LiveBelow.tsx';
import { Lost } from './Lost.tsx';

/** Fetches the rest of the view once the first blob is sampled, or takes long, and keeps its place until then. */
export function LazyBelow(props: ViewProps) {
  const view = useSignal<typeof LiveBelow | 'failed' | undefined>(undefined);
  const isLate = useSignal(false);
  const isWanted = useComputed(() => isLate.value || hasOutcome(props.model.state.value)).value;
  useEffect(() => {
    const timer = setTimeout(() => {
      isLate.value = true;
    }, props.model.belowAfterMs);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!isWanted) return;
    import('./LiveBelow.tsx').then(
      (loaded) => {
        view.value = loaded.LiveBelow;
      },
      () => {
        view.value = 'failed';
      },
    );
  }, [isWanted]);
  const Below = view.value;
  return (
    <div class="below" aria-busy={Below === undefined}>
      {Below === undefined ? <progress aria-label={controls.loading} /> : Below === 'failed' ? <Lost /> : <Below {...props} />}
    </div>
  );
}

function hasOutcome(state: LightNodeState | undefined): boolean {
  return state?.blobs.some(({ outcome, earlier }) => outcome !== undefined && !earlier) ?? false;
}
