import { size } from '../../format.ts';
import type { ViewProps } from '../../model/index.ts';
import { circumstance } from '../../strings/index.ts';
import { settings } from '../../strings/settings/index.ts';
import { Switch } from './Switch.tsx';

const { sharing: words } = settings;

type Cap = 'sharedBytesPerSecond' | 'sharedBytesPerDay';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Caps that are offered. */
const CHOICES: Record<Cap, readonly number[]> = {
  sharedBytesPerSecond: [16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB],
  sharedBytesPerDay: [20 * MIB, 100 * MIB, 512 * MIB, 2048 * MIB],
};
const NAMES = Object.keys(CHOICES) as Cap[];

/** Whether this page and others give each other rows, and how many at most. */
export function SharingCard({ model, actions }: ViewProps) {
  const { chosen, held } = model.settings.value;
  const sharing = model.state.value?.sharing;
  const stand =
    chosen.shares && held !== undefined
      ? words.resting(circumstance[held.because])
      : sharing === undefined
        ? words.notYet
        : words.given(size(sharing.bytesServedToday));
  return (
    <section class="card share" aria-labelledby="share-title">
      <h2 id="share-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{words.explain}</p>
      <Switch label={words.shares} isOn={chosen.shares} onChange={(shares) => actions.changeSettings({ shares })} />
      {NAMES.map((name) => (
        <label class="choice" key={name}>
          <span>{words.name[name]}</span>
          <select
            value={chosen[name]}
            disabled={!chosen.shares}
            onChange={({ currentTarget: { value } }) => actions.changeSettings({ [name]: Number(value) })}
          >
            {offered(name, chosen[name]).map((choice) => (
              <option key={choice} value={choice}>
                {words.cap[name](size(choice))}
              </option>
            ))}
          </select>
        </label>
      ))}
      <p class="stand" role="status" data-given={sharing?.bytesServedToday} data-shares={sharing?.enabled}>
        {stand}
      </p>
    </section>
  );
}

/** With the one that is chosen, which another build may have offered. */
function offered(name: Cap, chosen: number): readonly number[] {
  const choices = CHOICES[name];
  return choices.includes(chosen) ? choices : [chosen, ...choices];
}
