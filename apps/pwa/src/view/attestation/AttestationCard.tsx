import { useSignal } from '@preact/signals';
import type { ViewProps } from '../../model.ts';
import { attestationCard as words } from '../../strings/below/index.ts';
import { controls } from '../../strings/index.ts';
import { Lost } from '../Lost.tsx';
import type { Attestation as AttestationView } from './Attestation.tsx';

/** Fetches the view that checks evidence of hardware when somebody wants it. */
export function AttestationCard(props: ViewProps) {
  const view = useSignal<typeof AttestationView | 'wanted' | 'failed' | undefined>(undefined);
  const open = () => {
    view.value = 'wanted';
    import('./Attestation.tsx').then(
      ({ Attestation }) => {
        view.value = Attestation;
      },
      () => {
        view.value = 'failed';
      },
    );
  };
  const Attestation = view.value;
  return (
    <section class="card attestation" aria-labelledby="attestation-title">
      <h2 id="attestation-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{words.explain}</p>
      {Attestation === undefined ? (
        <p class="actions">
          <button type="button" class="control" onClick={open}>
            {words.open}
          </button>
        </p>
      ) : Attestation === 'wanted' ? (
        <progress aria-label={controls.loading} />
      ) : Attestation === 'failed' ? (
        <Lost />
      ) : (
        <Attestation {...props} />
      )}
    </section>
  );
}
