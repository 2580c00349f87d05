import type { RowMark } from './marks.ts';

/** Colours of the map, as CSS gives them. */
export interface Palette {
  /** What the map lies on, and what is between its cells. */
  readonly ground: string;
  /** Cells that were not asked for. */
  readonly original: string;
  readonly parity: string;
  readonly marks: Readonly<Record<RowMark, string>>;
}

/** The colours in force at an element: light or dark, with more contrast, or those that the person forces. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    ground: of('--card'),
    original: of('--original'),
    parity: of('--parity'),
    marks: {
      asked: of('--quiet'),
      verified: of('--good'),
      page: of('--accent'),
      timeout: of('--warn'),
      withheld: of('--warn'),
      'invalid/peer': of('--bad'),
      'invalid/encoding': of('--bad'),
    },
  };
}

/** Calls back when the colours may have changed, until the returned function is called. */
export function onPaletteChange(listener: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'].map((query) =>
    matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', listener);
  const themes = new MutationObserver(listener);
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    themes.disconnect();
    for (const query of queries) query.removeEventListener('change', listener);
  };
}
