import type { ViewProps } from '../model.ts';
import { AttestationCard } from './attestation/AttestationCard.tsx';
import { Events } from './Events.tsx';
import { Evidence } from './Evidence.tsx';
import { Headers } from './Headers.tsx';
import { OpenForm } from './OpenForm.tsx';
import { Peers } from './Peers.tsx';
import { PublishForm } from './PublishForm.tsx';
import { Tasks } from './Tasks.tsx';
import { Wallet } from './wallet/Wallet.tsx';

/** What lies below the first screen, and comes after the first paint. */
export function Below({ model, actions }: ViewProps) {
  return (
    <>
      <div class="pair">
        <PublishForm model={model} actions={actions} />
        <div class="stack">
          <OpenForm model={model} actions={actions} />
          <Tasks model={model} actions={actions} />
        </div>
      </div>
      <Wallet model={model} actions={actions} />
      <Peers peers={model.state.value?.peers ?? []} hasWebrtc={model.hasWebrtc} />
      <Headers model={model} />
      <Evidence model={model} actions={actions} />
      <AttestationCard model={model} actions={actions} />
      <Events model={model} actions={actions} />
    </>
  );
}
