import type { SiteEntry } from '../site-book.ts';
import { popup as words } from '../strings.ts';
import { ask } from './client.ts';

/** Sites that have asked, what was decided, and buttons that decide anew. */
export function Sites({ sites }: { readonly sites: readonly SiteEntry[] }) {
  return (
    <section class="sites">
      <h2>{words.sites}</h2>
      {sites.length === 0 && <p class="quiet">{words.noSites}</p>}
      <ul class="list">
        {sites.map(({ origin, decision, node }) => {
          const other = decision === 'allowed' ? 'denied' : 'allowed';
          const act = other === 'allowed' ? words.allow : words.deny;
          return (
            <li key={origin} data-site={origin} data-decision={decision} data-node={node}>
              <span class="origin">
                {origin} <small>{node === true ? words.sees : words[decision]}</small>
              </span>
              <span class="acts">
                <button
                  type="button"
                  class="small"
                  aria-label={words.about(act, origin)}
                  onClick={() => void ask({ kind: 'decide', origin, decision: other })}
                >
                  {act}
                </button>
                <button
                  type="button"
                  class="small"
                  aria-label={words.about(words.forget, origin)}
                  onClick={() => void ask({ kind: 'forget', origin })}
                >
                  {words.forget}
                </button>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
