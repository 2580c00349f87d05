import type { RowVerdict } from '@perigee/sampler';

/** Colours of the map, as CSS gives them. */
export interface Palette {
  /** What the map lies on, and what is between its cells. */
  readonly ground: string;
  /** Cells that were not asked for. */
  readonly original: string;
  readonly parity: string;
  readonly verdicts: Readonly<Record<RowVerdict, string>>;
}

/** The colours in force at an element: light or dark, with more contrast, or those that the person forces. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    ground: of('--card'),
    original: of('--original'),
    parity: of('--parity'),
    verdicts: {
      asked: of('--quiet'),
      verified: of('--good'),
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
  return () => {
    for (const query of queries) query.removeEventListener('change', listener);
  };
}
