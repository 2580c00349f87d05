import type { ComponentChildren } from 'preact';
import { NONE } from '../strings/index.ts';

export interface FactProps {
  readonly name: string;
  /** `undefined` keeps the place until the value is known. */
  readonly children: ComponentChildren;
  readonly title?: string | undefined;
  readonly note?: string | undefined;
  readonly mono?: boolean;
}

/** One name and value of a description list. */
export function Fact({ name, children, title, note, mono = false }: FactProps) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd class={mono ? 'mono' : undefined} title={title}>
        {children ?? NONE}
        {note === undefined ? null : <small>{note}</small>}
      </dd>
    </div>
  );
}
