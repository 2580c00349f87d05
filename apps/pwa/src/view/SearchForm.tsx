import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

export interface SearchFormProps {
  /** What the field takes. */
  readonly label: string;
  readonly button: string;
  /** Of the heading that names the form, where there is one. */
  readonly labelledBy?: string;
  /** What came of the last search, or what can be searched for. */
  readonly status: string | undefined;
  /** `status` says why nothing was found. */
  readonly isRefused: boolean;
  /** Said in its place when nothing was typed in. */
  readonly empty: string;
  /** @param text trimmed, not empty */
  readonly onSearch: (text: string) => void;
  /** Above the field. */
  readonly heading?: ComponentChildren;
  /** Further ways, below what is said. */
  readonly children?: ComponentChildren;
}

/** One field for a name that a person copied from somewhere, a button, and below them what became of it. */
export function SearchForm(props: SearchFormProps) {
  const text = useSignal('');
  const isEmpty = useSignal(false);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const given = text.value.trim();
    isEmpty.value = given === '';
    if (given !== '') props.onSearch(given);
  };
  return (
    <form class="search" onSubmit={onSubmit} aria-labelledby={props.labelledBy}>
      {props.heading}
      <label>
        {props.label}
        <span class="field">
          <input
            type="text"
            class="mono"
            value={text.value}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              isEmpty.value = false;
            }}
          />
          <button type="submit" class="control">
            {props.button}
          </button>
        </span>
      </label>
      <p class={props.isRefused || isEmpty.value ? 'obstacle' : 'quiet'} role="status">
        {isEmpty.value ? props.empty : props.status}
      </p>
      {props.children}
    </form>
  );
}
