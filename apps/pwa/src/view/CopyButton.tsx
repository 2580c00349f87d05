import { useSignal } from '@preact/signals';
import { clipboard } from '../strings/index.ts';

/** How long the button says what became of it, milliseconds. */
const SAID_MS = 2_000;

export interface CopyButtonProps {
  readonly label: string;
  /** `undefined` when there is nothing to copy. */
  readonly text: () => string | undefined;
  readonly copy: (text: string) => Promise<boolean>;
  readonly disabled?: boolean;
}

export function CopyButton({ label, text, copy, disabled = false }: CopyButtonProps) {
  const said = useSignal<string | undefined>(undefined);
  const onClick = async () => {
    const value = text();
    if (value === undefined) return;
    said.value = (await copy(value)) ? clipboard.copied : clipboard.failed;
    setTimeout(() => {
      said.value = undefined;
    }, SAID_MS);
  };
  return (
    <button type="button" class="control" disabled={disabled} onClick={onClick}>
      <span aria-live="polite">{said.value ?? label}</span>
    </button>
  );
}
