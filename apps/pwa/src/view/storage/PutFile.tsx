import { useSignal } from '@preact/signals';
import type { Actions } from '../../model/index.ts';
import { storage } from '../../strings/storage/index.ts';
import { DropField } from '../DropField.tsx';

const { put: words } = storage;
const COPIES = [1, 2, 3];

export function PutFile({ actions }: { readonly actions: Actions }) {
  const file = useSignal<File | undefined>(undefined);
  const replicas = useSignal(1);
  const chosen = file.value;
  const choose = (one: File | undefined) => {
    file.value = one;
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (chosen === undefined || chosen.size === 0) return;
    actions.putFile(chosen, replicas.value);
    file.value = undefined;
  };
  return (
    <form onSubmit={onSubmit} aria-labelledby="storage-put-title">
      <h3 id="storage-put-title">{words.title}</h3>
      <DropField words={words} chosen={chosen} onChoose={choose} />
      <label class="storage-copies">
        {words.replicas}
        <select
          value={replicas.value}
          onChange={(event) => {
            replicas.value = Number(event.currentTarget.value);
          }}
        >
          {COPIES.map((count) => (
            <option key={count} value={count}>
              {count}
            </option>
          ))}
        </select>
      </label>
      <p class={chosen?.size === 0 ? 'obstacle' : 'quiet'} role="status">
        {chosen?.size === 0 ? words.empty : words.hint}
      </p>
      <p class="actions">
        <button type="submit" class="control primary" disabled={chosen === undefined || chosen.size === 0}>
          {words.button}
        </button>
      </p>
    </form>
  );
}
