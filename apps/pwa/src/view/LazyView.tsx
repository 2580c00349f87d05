import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { ViewProps } from '../model/index.ts';
import type { ViewName } from '../navigation/views.ts';
import { controls } from '../strings/index.ts';
import { Lost } from './Lost.tsx';

export type LazyViewName = Exclude<ViewName, 'live'>;

type View = ComponentType<ViewProps>;

/** Each view is fetched when it is first wanted. */
const FETCH: Record<LazyViewName, () => Promise<View>> = {
  blobs: async () => (await import('./BlobsView.tsx')).BlobsView,
  storage: async () => (await import('./storage/StorageView.tsx')).StorageView,
  kv: async () => (await import('./streams/StreamsView.tsx')).StreamsView,
  compute: async () => (await import('./compute/ComputeView.tsx')).ComputeView,
  evidence: async () => (await import('./EvidenceView.tsx')).EvidenceView,
  network: async () => (await import('./NetworkView.tsx')).NetworkView,
  settings: async () => (await import('./SettingsView.tsx')).SettingsView,
  bench: async () => (await import('./BenchView.tsx')).BenchView,
};

/** Those that are here. */
const fetched = new Map<LazyViewName, View>();

export interface LazyViewProps extends ViewProps {
  readonly name: LazyViewName;
}

/** Shows a view as soon as it is here: at once, when it was shown before. */
export function LazyView({ name, model, actions }: LazyViewProps) {
  const come = useSignal<{ readonly name: LazyViewName; readonly failed: boolean } | undefined>(undefined);
  useLayoutEffect(() => {
    if (fetched.has(name)) return;
    FETCH[name]().then(
      (view) => {
        fetched.set(name, view);
        come.value = { name, failed: false };
      },
      () => {
        come.value = { name, failed: true };
      },
    );
  }, [name]);
  const failed = come.value?.name === name && come.value.failed;
  const Shown = fetched.get(name);
  return (
    <div class="lazy" aria-busy={Shown === undefined && !failed}>
      {Shown !== undefined ? (
        <Shown model={model} actions={actions} />
      ) : failed ? (
        <Lost />
      ) : (
        <progress aria-label={controls.loading} />
      )}
    </div>
  );
}
