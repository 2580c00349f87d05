import type { ViewProps } from '../model/index.ts';
import { hrefOf } from '../navigation/navigation.ts';
import { VIEWS, type ViewName } from '../navigation/views.ts';
import { views as words } from '../strings/index.ts';

/** One line each, on a ground of 20 by 20. */
const DRAWINGS: Record<ViewName, string> = {
  live: 'M2 10h4l2.5-6 3.5 12 2.5-6H18',
  blobs: 'M3 3h5.5v5.5H3zM11.5 3H17v5.5h-5.5zM3 11.5h5.5V17H3zM11.5 11.5H17V17h-5.5z',
  storage: 'M3 5.5C3 2.5 17 2.5 17 5.5v9c0 3-14 3-14 0zM3 5.5c0 3 14 3 14 0M3 10c0 3 14 3 14 0',
  kv: 'M7.5 3H5.8v5.2L4 10l1.8 1.8V17h1.7M12.5 3h1.7v5.2L16 10l-1.8 1.8V17h-1.7M9 8h2M9 12h2',
  compute: 'M3 3h14v11h-7l-4 3v-3H3z',
  evidence: 'M10 2l7 3v5c0 4-3 7-7 8-4-1-7-4-7-8V5zM7 10l2 2 4-4',
  network: 'M8 3h4v4H8zM3 13h4v4H3zM13 13h4v4h-4zM9 7l-4 6M11 7l4 6M7 15h6',
  settings: 'M2 6h7M14 6h4M9 3h5v6H9zM2 14h3M10 14h8M5 11h5v6H5z',
};

/** At the lower edge of a phone, in the head of a wide window. */
export function Navigation({ model, actions }: ViewProps) {
  const shown = model.view.value;
  return (
    <nav aria-label={words.navigation}>
      <ul>
        {VIEWS.map((view) => (
          <li key={view}>
            <a
              href={hrefOf(view)}
              aria-current={view === shown ? 'page' : undefined}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return; // another tab or window
                event.preventDefault();
                actions.go(view);
              }}
            >
              <svg viewBox="0 0 20 20" aria-hidden="true" focusable="false">
                <path d={DRAWINGS[view]} />
              </svg>
              {words.name[view]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
