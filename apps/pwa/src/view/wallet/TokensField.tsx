import type { Signal } from '@preact/signals';

/** Takes an amount of tokens, written as `12.5`. */
export function TokensField({ label, text }: { readonly label: string; readonly text: Signal<string> }) {
  return (
    <label>
      {label}
      <input
        type="text"
        inputMode="decimal"
        value={text.value}
        autocomplete="off"
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}
