import type { ViewProps } from '../../model/index.ts';
import { settings } from '../../strings/settings/index.ts';
import { Switch } from './Switch.tsx';

const { lightNode: words } = settings;

/** Whether the page shows the light node of the extension in place of its own. */
export function NodeCard({ model, actions }: ViewProps) {
  const extension = model.extension.value;
  const isWanted = model.settings.value.chosen.lightNode === 'extension';
  return (
    <section class="card" aria-labelledby="node-title">
      <h2 id="node-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{words.explain}</p>
      {extension === undefined && !isWanted ? null : (
        <Switch
          label={words.use}
          isOn={isWanted}
          onChange={(isOn) => actions.changeSettings({ lightNode: isOn ? 'extension' : 'own' })}
        />
      )}
      <p class="stand" role="status" data-extension={extension === undefined ? 'none' : extension.isUsed ? 'used' : 'there'}>
        {extension === undefined
          ? words.none
          : extension.isUsed
            ? words.used
            : extension.isAsked
              ? words.asked
              : extension.problem === undefined
                ? words.own
                : words.away(extension.problem.message)}
      </p>
    </section>
  );
}
