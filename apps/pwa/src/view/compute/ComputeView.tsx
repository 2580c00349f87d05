import '../../style/lists.css';
import '../../style/forms.css';
import { useEffect } from 'preact/hooks';
import type { ViewProps } from '../../model/index.ts';
import { NO_COMPUTE } from '../../no-compute.ts';
import { compute } from '../../strings/compute/index.ts';
import '../../style/compute.css';
import { Answer } from './Answer.tsx';
import { AskForm } from './AskForm.tsx';
import { Receipt } from './Receipt.tsx';
import { Search } from './Search.tsx';

/** Models: ask one and see its answer checked, search sentences by meaning, check a receipt. */
export function ComputeView({ model, actions }: ViewProps) {
  const view = model.compute.value ?? NO_COMPUTE;
  const hasLooked = model.compute.value !== undefined;
  const isLive = model.state.value?.phase === 'live';
  useEffect(() => {
    if (!hasLooked && isLive) actions.compute({ kind: 'look' });
  }, [hasLooked, isLive]);
  const onLook = () => actions.compute({ kind: 'look' });
  const nowMs = model.now.peek();
  return (
    <>
      <section class="card compute" aria-labelledby="compute-title">
        <h2 id="compute-title" class="label">
          {compute.title}
        </h2>
        <p class="quiet">{compute.explain}</p>
        <AskForm
          view={view}
          nowMs={nowMs}
          onLook={onLook}
          onAsk={(signer, question) => actions.compute({ kind: 'ask', signer, question })}
          onStop={() => actions.compute({ kind: 'stop', what: 'ask' })}
        />
        <Answer
          view={view}
          onSave={(withWords) => actions.compute({ kind: 'save', what: 'ask', withWords })}
          onShare={(withWords) => actions.compute({ kind: 'share', withWords })}
          onLayOut={() => actions.compute({ kind: 'layOut' })}
        />
      </section>
      <section class="card compute compute-search" aria-labelledby="compute-search-title">
        <h2 id="compute-search-title" class="label">
          {compute.search.title}
        </h2>
        <p class="quiet">{compute.search.explain}</p>
        <Search
          view={view}
          nowMs={nowMs}
          onLook={onLook}
          onEmbed={(signer, texts) => actions.compute({ kind: 'embed', signer, texts })}
          onSearch={(text) => actions.compute({ kind: 'search', text })}
          onStop={() => actions.compute({ kind: 'stop', what: 'search' })}
          onSave={() => actions.compute({ kind: 'save', what: 'search', withWords: true })}
        />
      </section>
      <section class="card compute compute-open" aria-labelledby="compute-receipt-title">
        <h2 id="compute-receipt-title" class="label">
          {compute.receipt.title}
        </h2>
        <p class="quiet">{compute.receipt.explain}</p>
        <Receipt receipt={view.receipt} onOpen={(file) => actions.compute({ kind: 'open', file })} />
      </section>
    </>
  );
}
