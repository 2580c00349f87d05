import type { ViewProps } from '../../model/index.ts';
import type { Thrift } from '../../settings/defaults.ts';
import type { Circumstance } from '../../settings/thrift.ts';
import { settings } from '../../strings/settings/index.ts';
import { Choice } from './Choice.tsx';

const { thrift: words } = settings;

const THRIFTS = Object.keys(words.choice) as Thrift[];
const NAMES: readonly Circumstance[] = ['onBattery', 'onMetered', 'onHidden'];

/** What goes on while the device is short of something. */
export function ThriftCard({ model, actions }: ViewProps) {
  const { chosen, circumstances } = model.settings.value;
  return (
    <section class="card" aria-labelledby="thrift-title">
      <h2 id="thrift-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{words.explain}</p>
      {NAMES.map((name) => {
        const isSo = circumstances?.[name];
        return (
          <Choice
            key={name}
            label={words.name[name]}
            note={name === 'onHidden' ? undefined : words.now[isSo === undefined ? 'unknown' : isSo ? 'yes' : 'no']}
            choices={THRIFTS}
            words={words.choice}
            value={chosen[name]}
            onChange={(thrift) => actions.changeSettings({ [name]: thrift })}
          />
        );
      })}
    </section>
  );
}
