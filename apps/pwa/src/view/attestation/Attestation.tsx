import { shownText } from '../../files/names.ts';
import type { ViewProps } from '../../model/index.ts';
import { attestation as words } from '../../strings/attestation/index.ts';
import { adviceFor } from '../../strings/index.ts';
import '../../style/attestation.css';
import { EvidenceForm } from './EvidenceForm.tsx';
import { Report } from './Report.tsx';

/** Evidence of hardware: hand it over, see each check, take the result away. */
export function Attestation({ model, actions }: ViewProps) {
  const { doing, finding, problem } = model.attestation.value;
  return (
    <>
      <EvidenceForm onOrder={actions.attest} isBusy={doing === 'verify'} />
      <div class="attestation-progress" role="status" data-doing={doing}>
        {doing === undefined ? <div class="rule" /> : <progress aria-label={words.doing[doing]} />}
        {doing === undefined ? null : <p class="quiet">{words.doing[doing]}</p>}
        {problem === undefined ? null : (
          <p class="obstacle" data-code={problem.code}>
            <strong>{problem.code === 'PARSE' ? words.unreadable : adviceFor(problem.code).title}.</strong>{' '}
            {problem.code === 'PARSE' ? words.unreadableNext : adviceFor(problem.code).next}{' '}
            <small>
              <code>{problem.code}</code>: {shownText(problem.message, 400)}
            </small>
          </p>
        )}
      </div>
      {finding === undefined ? null : <Report view={model.attestation.value} finding={finding} onSave={actions.saveReport} />}
    </>
  );
}
