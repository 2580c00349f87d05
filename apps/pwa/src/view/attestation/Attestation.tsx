import type { ViewProps } from '../../model/index.ts';
import { attestation as words } from '../../strings/attestation/index.ts';
import '../../style/attestation.css';
import { Obstacle } from '../Obstacle.tsx';
import { EvidenceForm } from './EvidenceForm.tsx';
import { Report } from './Report.tsx';

const UNREADABLE = { title: words.unreadable, next: words.unreadableNext };

/** Evidence of hardware: hand it over, see each check, take the result away. */
export function Attestation({ model, actions }: ViewProps) {
  const { doing, finding, problem } = model.attestation.value;
  return (
    <>
      <EvidenceForm onOrder={actions.attest} isBusy={doing === 'verify'} />
      <div class="attestation-progress" role="status" data-doing={doing}>
        {doing === undefined ? <div class="rule" /> : <progress aria-label={words.doing[doing]} />}
        {doing === undefined ? null : <p class="quiet">{words.doing[doing]}</p>}
        <Obstacle problem={problem} advice={problem?.code === 'PARSE' ? UNREADABLE : undefined} />
      </div>
      {finding === undefined ? null : <Report view={model.attestation.value} finding={finding} onSave={actions.saveReport} />}
    </>
  );
}
