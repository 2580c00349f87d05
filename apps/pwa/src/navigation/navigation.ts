import type { Model } from '../model/index.ts';
import { splitAddress, withView } from './address.ts';
import { VIEWS, type ViewName } from './views.ts';

export interface NavigationParts {
  readonly model: Model;
  /** Does what the rest of a new address asks for. */
  readonly onAsk: (text: string) => void;
}

/**
 * Keeps the address of the page and what is shown the same. A view stands first in it: `#/storage`, and before what else it names:
 * `#/storage&<blob id>`. So each view can be linked to, and back goes back, to where it was scrolled.
 */
export class Navigation {
  readonly #parts: NavigationParts;
  readonly #scrolled = new Map<ViewName, number>();

  constructor(parts: NavigationParts) {
    this.#parts = parts;
  }

  /** Shows the view that the address names, from now on. @returns the rest of the address */
  begin(): string {
    const { view, rest } = splitAddress(location.href);
    this.#parts.model.view.value = view;
    // the browser would scroll before the view is there; a reload keeps its own way
    history.scrollRestoration = 'manual';
    addEventListener('pagehide', () => {
      history.scrollRestoration = 'auto';
    });
    addEventListener('pageshow', () => {
      history.scrollRestoration = 'manual';
    });
    addEventListener('hashchange', ({ oldURL, newURL }) => {
      const arrived = splitAddress(newURL);
      this.#show(arrived.view, this.#scrolled.get(arrived.view) ?? 0);
      if (arrived.rest !== '' && arrived.rest !== splitAddress(oldURL).rest) this.#parts.onAsk(arrived.rest);
    });
    return rest;
  }

  /** Goes to a view, to its beginning. */
  go(view: ViewName): void {
    if (view === this.#parts.model.view.value) return;
    history.pushState(null, '', withView(view, location.href));
    this.#show(view, 0);
  }

  #show(view: ViewName, top: number): void {
    const { model } = this.#parts;
    if (view === model.view.value) return;
    this.#scrolled.set(model.view.value, scrollY);
    model.scrollTo.value = top;
    model.view.value = view;
  }
}

/** Where a link to a view leads that a browser opens by itself. */
export function hrefOf(view: ViewName): string {
  return view === VIEWS[0] ? '#' : `#/${view}`;
}
