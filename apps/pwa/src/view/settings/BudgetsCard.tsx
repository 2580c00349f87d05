import type { Budgets } from '@perigee/sampler';
import { percent, size, time } from '../../format.ts';
import type { ViewProps } from '../../model/index.ts';
import { circumstance } from '../../strings/index.ts';
import { settings } from '../../strings/settings/index.ts';

const { budgets: words } = settings;

type Name = keyof Budgets | 'storageBytes';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Caps that are offered; the last is none, where there can be none. */
const CHOICES: Record<Name, readonly (number | undefined)[]> = {
  cpuShare: [0.05, 0.1, 0.25, 0.5, 1, undefined],
  bytesPerSecond: [16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB, undefined],
  bytesPerDay: [20 * MIB, 100 * MIB, 500 * MIB, 1024 * MIB, 4096 * MIB, undefined],
  storageBytes: [8 * MIB, 16 * MIB, 48 * MIB, 128 * MIB, 512 * MIB],
};
const NAMES = Object.keys(CHOICES) as Name[];

/** What the node may take, what it took, and what it waits for. */
export function BudgetsCard({ model, actions }: ViewProps) {
  const { chosen, held } = model.settings.value;
  const { budgets, storage } = model.state.value ?? {};
  const used: Record<Name, number> = {
    cpuShare: budgets?.cpuShare ?? 0,
    bytesPerSecond: budgets?.bytesPerSecond ?? 0,
    bytesPerDay: budgets?.bytesToday ?? 0,
    storageBytes: storage?.usedBytes ?? 0,
  };
  const waits = budgets?.throttledBy ?? [];
  const stand =
    held !== undefined
      ? (held.thrift === 'headers' ? words.headersOnly : words.resting)(circumstance[held.because])
      : waits.length === 0
        ? words.calm
        : words.throttled(waits.map((name) => words.name[name]).join(', '), time(budgets?.resumesAtMs ?? 0, model.now.peek()));
  return (
    <section class="card budgets" aria-labelledby="budgets-title">
      <h2 id="budgets-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{words.explain}</p>
      <dl>
        {NAMES.map((name) => (
          <Budget
            key={name}
            name={name}
            used={used[name]}
            cap={chosen[name]}
            onChange={(cap) => actions.changeSettings({ [name]: cap })}
          />
        ))}
      </dl>
      <p class="stand" role="status" data-held={held?.thrift} data-throttled={waits.join(' ')}>
        {stand}
      </p>
    </section>
  );
}

interface BudgetProps {
  readonly name: Name;
  readonly used: number;
  readonly cap: number | undefined;
  readonly onChange: (cap: number | undefined) => void;
}

function Budget({ name, used, cap, onChange }: BudgetProps) {
  const offered = CHOICES[name];
  const choices = offered.includes(cap) ? offered : [cap, ...offered]; // one that another build offered
  return (
    <div class="budget" data-budget={name} data-used={used}>
      <dt>{words.name[name]}</dt>
      <dd>
        <select
          aria-label={words.cap(words.name[name])}
          value={cap ?? ''}
          onChange={({ currentTarget: { value } }) => onChange(value === '' ? undefined : Number(value))}
        >
          {choices.map((choice) => (
            <option key={choice} value={choice ?? ''}>
              {choice === undefined ? words.none : capOf(name, choice)}
            </option>
          ))}
        </select>
      </dd>
      <dd class="quiet">
        <span class="gauge" aria-hidden="true">
          {cap === undefined ? null : <span style={{ width: `${Math.min(1, used / cap) * 100}%` }} />}
        </span>
        {words.used[name](name === 'cpuShare' ? percent(used) : size(used))}
      </dd>
    </div>
  );
}

function capOf(name: Name, cap: number): string {
  if (name === 'cpuShare') return percent(cap);
  return name === 'bytesPerSecond' ? words.perSecond(size(cap)) : size(cap);
}
