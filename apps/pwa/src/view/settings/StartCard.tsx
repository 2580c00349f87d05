import type { ViewProps } from '../../model/index.ts';
import { settings } from '../../strings/settings/index.ts';
import { Switch } from './Switch.tsx';

const { start: words } = settings;

/** Whether a visit begins to sample by itself. */
export function StartCard({ model, actions }: ViewProps) {
  return (
    <section class="card" aria-labelledby="start-title">
      <h2 id="start-title" class="label">
        {words.title}
      </h2>
      <Switch
        label={words.startsByItself}
        isOn={model.settings.value.chosen.startsByItself}
        onChange={(startsByItself) => actions.changeSettings({ startsByItself })}
      />
      <p class="quiet">{words.explain}</p>
    </section>
  );
}
