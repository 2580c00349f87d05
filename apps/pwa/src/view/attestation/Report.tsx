import type { AttestationReport, Check, Label } from '@perigee/light-core/attest';
import type { AttestFinding } from '@perigee/sampler/attest';
import { useSignal } from '@preact/signals';
import { shownText } from '../../files/names.ts';
import { count } from '../../format.ts';
import type { AttestationView } from '../../model/index.ts';
import { overall, attestation as words, wordsOf } from '../../strings/attestation/index.ts';
import { ColumnHeads } from '../ColumnHeads.tsx';
import { ScrollRegion } from '../ScrollRegion.tsx';

export interface ReportProps {
  readonly view: AttestationView;
  readonly finding: AttestFinding;
  readonly onSave: () => void;
}

/** What was found: the whole, how far it carries, every check with its sentence, and what the bytes say. */
export function Report({ view, finding: { report, guest }, onSave }: ReportProps) {
  const { title, note } = overall(report);
  const judged = view.judgedAtMs === undefined ? '' : new Date(view.judgedAtMs).toISOString().slice(0, 19).replace('T', ' ');
  return (
    <div class="report" data-status={report.status} data-overall={report.overall} data-platform={report.platform}>
      <h3>{title}</h3>
      <p>{note}</p>
      <p class="quiet">
        {words.platform[report.platform]}, <bdi>{words.of(view.name)}</bdi>, {words.judged(`${judged} UTC`, view.isGivenTime)}
      </p>
      {report.hardware === 'tested' || report.platform === 'unknown' ? null : <p class="note">{words.untested}</p>}
      {report.status === 'simulated' ? null : <Reach label={report.label} />}
      <Checks title={words.checks} checks={report.checks} />
      {guest === undefined ? null : <Checks title={words.guest} checks={guest} />}
      <Fields report={report} />
      <p class="quiet">{words.proves}</p>
      <p class="actions">
        <button type="button" class="control" onClick={onSave}>
          {words.save}
        </button>
      </p>
    </div>
  );
}

function Checks({ title, checks }: { readonly title: string; readonly checks: readonly Check[] }) {
  return (
    <>
      <h4 class="label">{title}</h4>
      <ul class="checks">
        {checks.map((check) => (
          <CheckLine key={check.name} check={check} />
        ))}
      </ul>
    </>
  );
}

/** Of a sentence or a field, in which evidence may have put anything: what turns the direction of writing would make it say something else. */
const MAX_SHOWN_CHARACTERS = 4_096;

const STEPS = ['hardware', 'code', 'model', 'gpu', 'content'] as const satisfies readonly Exclude<Label, 'none'>[];

function Reach({ label }: { readonly label: Label }) {
  const reached = label === 'none' ? 0 : STEPS.indexOf(label) + 1;
  return (
    <>
      <h4 class="label">{words.carries}</h4>
      <ol class="reach" data-label={label}>
        {STEPS.map((step, i) => (
          <li key={step} data-reached={i < reached}>
            <strong>{words.label[step]}</strong> <small>{words.labelMeans[step]}</small>
            <span class="unseen">, {i < reached ? words.reached : words.notReached}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

/** A shape of its own for each verdict, in 16 × 16 units. */
const SHAPES: Record<Check['verdict'], string> = {
  pass: 'M3 8.5l3.5 3.5L13 4.5',
  fail: 'M4 4l8 8M12 4l-8 8',
  notChecked: 'M4 8h8',
};

function CheckLine({ check: { name, verdict, reason, code, required } }: { readonly check: Check }) {
  return (
    <li data-check={name} data-verdict={verdict} data-code={code}>
      <svg class="mark" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path d={SHAPES[verdict]} />
      </svg>
      <div>
        <p>
          <strong>{wordsOf(name)}</strong> {words.verdict[verdict]}
          {required ? null : <small> ({words.optional})</small>}
        </p>
        <p class="quiet">
          {shownText(reason, MAX_SHOWN_CHARACTERS)} {code === undefined ? null : <code>{code}</code>}
        </p>
      </div>
    </li>
  );
}

/** Made only while it is open: there may be hundreds. */
function Fields({ report: { fields } }: { readonly report: AttestationReport }) {
  const open = useSignal(false);
  if (fields.length === 0) return null;
  return (
    <details
      class="more"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>
        {words.fields} ({count(fields.length)})
      </summary>
      {open.value ? (
        <ScrollRegion label={words.fields}>
          <table>
            <ColumnHeads names={[words.field, words.value]} />
            <tbody>
              {fields.map(({ name, value }) => (
                <tr key={name} data-field={name}>
                  <th scope="row">{wordsOf(name)}</th>
                  <td data-column={words.value} class="mono address">
                    {shownText(value, MAX_SHOWN_CHARACTERS)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      ) : null}
    </details>
  );
}
