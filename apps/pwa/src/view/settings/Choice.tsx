export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly note?: string | undefined;
  readonly choices: readonly T[];
  readonly words: Readonly<Record<T, string>>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few, in a line. */
export function Choice<T extends string>({ label, note, choices, words, value, onChange }: ChoiceProps<T>) {
  return (
    <label class="choice">
      <span>
        {label}
        {note === undefined ? null : <small>{note}</small>}
      </span>
      <select
        value={value}
        onChange={(event) => {
          const chosen = choices.find((one) => one === event.currentTarget.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {choices.map((one) => (
          <option key={one} value={one}>
            {words[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
