import { useSignal } from '@preact/signals';
import type { AttestOrder } from '../../model/index.ts';
import { attestation as words } from '../../strings/attestation/index.ts';
import { DropField } from '../DropField.tsx';
import { FileButton } from '../FileButton.tsx';

export interface EvidenceFormProps {
  readonly onOrder: (order: AttestOrder) => void;
  readonly isBusy: boolean;
}

/** Takes a file or pasted text; a file that is dropped or chosen is checked at once. */
export function EvidenceForm({ onOrder, isBusy }: EvidenceFormProps) {
  const file = useSignal<File | undefined>(undefined);
  const text = useSignal('');
  const collateral = useSignal<File | undefined>(undefined);
  const time = useSignal('');
  const evidence = (): File | string | undefined => file.value ?? (text.value.trim() === '' ? undefined : text.value);
  const order = () => {
    const given = evidence();
    if (given !== undefined) onOrder({ evidence: given, collateral: collateral.value, timeMs: timeOf(time.value) });
  };
  const choose = (one: File | undefined) => {
    file.value = one;
    text.value = '';
    order();
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    order();
  };
  return (
    <form onSubmit={onSubmit}>
      <DropField words={words} chosen={file.value} onChoose={choose} describedBy="evidence-hint" />
      <p class="quiet" id="evidence-hint">
        {words.hint}
      </p>
      <label>
        {words.paste}
        <textarea
          class="mono"
          rows={3}
          value={text.value}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            file.value = undefined;
          }}
        />
      </label>
      <div class="fields">
        <FileButton
          id="collateral"
          words={{ ...words, name: words.collateral }}
          chosen={collateral.value}
          onChoose={(one) => {
            collateral.value = one;
          }}
        />
        <label>
          {words.time}
          <input
            type="datetime-local"
            value={time.value}
            onInput={(event) => {
              time.value = event.currentTarget.value;
            }}
          />
        </label>
      </div>
      <p class="actions">
        <button type="submit" class="control primary" disabled={isBusy || evidence() === undefined}>
          {words.button}
        </button>
      </p>
    </form>
  );
}

/** @param text as an input for date and time gives it, taken for UTC; empty for now */
function timeOf(text: string): number | undefined {
  const time = Date.parse(`${text}Z`);
  return text === '' || !Number.isFinite(time) ? undefined : time;
}
