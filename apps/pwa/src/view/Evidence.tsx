import { shortHex, size, time } from '../format.ts';
import type { ViewProps } from '../model/index.ts';
import { evidence as words } from '../strings/index.ts';

/** Transferable evidence that was found, and how anyone can judge it. */
export function Evidence({ model, actions }: ViewProps) {
  const evidence = model.state.value?.evidence ?? [];
  return (
    <section class="card evidence" aria-labelledby="evidence-title">
      <h2 id="evidence-title" class="label">
        {words.title}
      </h2>
      {evidence.length === 0 ? (
        <p class="quiet empty">{words.none}</p>
      ) : (
        <>
          <ul>
            {evidence.map(({ id, blobId, foundAtMs, bytes }) => (
              <li key={id}>
                <p>
                  {words.against(shortHex(blobId))}
                  <small>
                    {time(foundAtMs, model.now.peek())}, {size(bytes)}
                  </small>
                </p>
                <button
                  type="button"
                  class="control"
                  aria-label={`${words.save}: ${words.against(blobId)}`}
                  onClick={() => actions.saveEvidence(id)}
                >
                  {words.save}
                </button>
              </li>
            ))}
          </ul>
          <p class="quiet">
            {words.explain} <code>{words.command}</code>
          </p>
        </>
      )}
    </section>
  );
}
