import { shownText } from '../../files/names.ts';
import { compute as words } from '../../strings/compute/index.ts';

/** A sentence may name what a provider made up. */
const MAX_SHOWN_CHARACTERS = 1_000;

export interface ShownCheck {
  readonly name: string;
  readonly verdict: 'pass' | 'fail' | 'notChecked';
  readonly reason: string;
  readonly code?: string;
}

export interface ChecksProps {
  readonly title: string;
  readonly names: Readonly<Record<string, string>>;
  readonly checks: readonly ShownCheck[];
  /** More may still come: what was not checked is not checked yet. */
  readonly isOpen?: boolean;
}

/** A shape of its own for each verdict, in 16 × 16 units. */
const SHAPES: Record<ShownCheck['verdict'], string> = {
  pass: 'M3 8.5l3.5 3.5L13 4.5',
  fail: 'M4 4l8 8M12 4l-8 8',
  notChecked: 'M4 8h8',
};

export function Checks({ title, names, checks, isOpen = false }: ChecksProps) {
  return (
    <>
      <h3 class="label">{title}</h3>
      <ul class="checks">
        {checks.map(({ name, verdict, reason, code }) => (
          <li key={name} data-check={name} data-verdict={verdict} data-code={code}>
            <svg class="mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
              <path d={SHAPES[verdict]} />
            </svg>
            <div>
              <p>
                <strong>{names[name] ?? name}</strong>{' '}
                {isOpen && verdict === 'notChecked' && name !== 'code' ? words.waits : words.verdict[verdict]}
              </p>
              <p class="quiet">{shownText(reason, MAX_SHOWN_CHARACTERS)}</p>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
