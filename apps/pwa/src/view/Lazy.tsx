import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ViewProps } from '../model/index.ts';

export interface LazyProps extends ViewProps {
  /** There is something to show. */
  readonly when: boolean;
  /** Fetches what shows it, once. */
  readonly load: () => Promise<ComponentType<ViewProps>>;
}

/** A part that few visits need: fetched when there is something to show. */
export function Lazy({ when, load, model, actions }: LazyProps) {
  const part = useSignal<{ readonly Part: ComponentType<ViewProps> } | undefined>(undefined);
  useEffect(() => {
    if (!when || part.value !== undefined) return;
    load().then(
      (Part) => {
        part.value = { Part };
      },
      () => {}, // its server is away; the next change tries again
    );
  }, [when]);
  if (part.value === undefined) return null;
  const { Part } = part.value;
  return <Part model={model} actions={actions} />;
}
