import { count } from '../format.ts';
import type { ViewProps } from '../model/index.ts';
import { trustRequest as words } from '../strings/below/index.ts';

/** What a link asks a person to believe, in full; nothing of it counts before they agree (PROTOCOL §5). */
export function TrustRequest({ model, actions }: ViewProps) {
  const request = model.trustRequest.value;
  if (request === undefined) return null;
  return (
    <section class="problem trust-request" role="alert">
      <h2>{words.title}</h2>
      <p>{words.explain}</p>
      <dl>
        <dt>{words.chain}</dt>
        <dd class="mono">
          <bdi>{request.chainId}</bdi>
        </dd>
        <dt>{words.height}</dt>
        <dd>{count(request.height)}</dd>
        <dt>{words.hash}</dt>
        <dd class="mono">{request.headerHash}</dd>
        {request.peers.length === 0 ? null : (
          <>
            <dt>{words.peers}</dt>
            {request.peers.map((peer) => (
              <dd key={peer} class="mono">
                <bdi>{peer}</bdi>
              </dd>
            ))}
          </>
        )}
      </dl>
      <p class="actions">
        <button type="button" class="control" onClick={actions.refuseTrust}>
          {words.refuse}
        </button>
        <button type="button" class="control" onClick={actions.acceptTrust}>
          {words.accept}
        </button>
      </p>
    </section>
  );
}
