import type { ViewProps } from '../../model/index.ts';
import type { Theme } from '../../settings/defaults.ts';
import { settings } from '../../strings/settings/index.ts';
import { Choice } from './Choice.tsx';

const { look: words, notify } = settings;

const THEMES = Object.keys(words.choice) as Theme[];

/** How the page looks, and whether it may call. */
export function LookCard({ model, actions }: ViewProps) {
  const { chosen } = model.settings.value;
  const permission = typeof Notification === 'undefined' ? 'unsupported' : Notification.permission;
  const isOn = chosen.notify && permission === 'granted';
  const stand = { unsupported: notify.unsupported, denied: notify.denied, granted: null, default: null }[permission];
  return (
    <>
      <section class="card" aria-labelledby="look-title">
        <h2 id="look-title" class="label">
          {words.title}
        </h2>
        <Choice
          label={words.theme}
          choices={THEMES}
          words={words.choice}
          value={chosen.theme}
          onChange={(theme) => actions.changeSettings({ theme })}
        />
      </section>
      <section class="card notify" aria-labelledby="notify-title">
        <h2 id="notify-title" class="label">
          {notify.title}
        </h2>
        <p class="quiet">{notify.explain}</p>
        <p class="quiet" role="status" data-notify={isOn}>
          {stand ?? (isOn ? notify.isOn : null)}
        </p>
        <p class="actions">
          <button
            type="button"
            class="control"
            disabled={permission === 'unsupported' || permission === 'denied'}
            onClick={() => (isOn ? actions.changeSettings({ notify: false }) : actions.allowNotifications())}
          >
            {isOn ? notify.off : notify.on}
          </button>
        </p>
      </section>
    </>
  );
}
