import '../style/tables.css';
import type { ComponentChildren } from 'preact';

export interface ScrollRegionProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** Holds what may be wider than a phone; reachable by keyboard, so that it can be scrolled without a pointer. */
export function ScrollRegion({ label, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the keyboard focus (WCAG 2.1.1)
    // biome-ignore lint/a11y/useSemanticElements: no fieldset, nothing is filled in
    <div class="scroll" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
