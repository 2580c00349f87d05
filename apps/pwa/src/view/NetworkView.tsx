import '../style/lists.css';
import '../style/network.css';
import type { ViewProps } from '../model/index.ts';
import { recordOf } from '../network/record.ts';
import { network as words } from '../strings/network/index.ts';
import { PeerMap } from './network/PeerMap.tsx';
import { Series } from './network/Series.tsx';
import { Peers } from './Peers.tsx';
import { Sharing } from './Sharing.tsx';

/** Who this page talks to, and what came of it over time. */
export function NetworkView({ model, actions }: ViewProps) {
  const peers = model.state.value?.peers ?? [];
  return (
    <>
      <div class="pair network">
        <Series points={recordOf(model).value} nowMs={model.now.value} />
        <PeerMap peers={peers} />
      </div>
      <Peers peers={peers} hasWebrtc={model.hasWebrtc} />
      <Sharing model={model} />
      <section class="card" aria-labelledby="device-speed-title">
        <h2 id="device-speed-title" class="label">
          {words.bench}
        </h2>
        <p class="quiet">{words.benchNote}</p>
        <button type="button" class="control" onClick={() => actions.go('bench')}>
          {words.benchOpen}
        </button>
      </section>
    </>
  );
}
