import '../style/lists.css';
import '../style/forms.css';
import type { ViewProps } from '../model/index.ts';
import { attestation } from '../strings/attestation/index.ts';
import { Attestation } from './attestation/Attestation.tsx';
import { Evidence } from './Evidence.tsx';

/** What can be handed to others and judged by them: against blobs and peers, and of hardware. */
export function EvidenceView({ model, actions }: ViewProps) {
  return (
    <>
      <Evidence model={model} actions={actions} />
      <section class="card attestation" aria-labelledby="attestation-title">
        <h2 id="attestation-title" class="label">
          {attestation.title}
        </h2>
        <p class="quiet">{attestation.explain}</p>
        <Attestation model={model} actions={actions} />
      </section>
    </>
  );
}
