import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { shownText } from '../files/names.ts';
import { size } from '../format.ts';

export interface DropFieldProps {
  readonly words: {
    readonly choose: string;
    readonly drop: string;
    readonly nothingChosen: string;
    readonly chosen: (name: string, size: string) => string;
  };
  readonly chosen: File | undefined;
  readonly onChoose: (file: File | undefined) => void;
  /** Id of what says more about the file that is asked for. */
  readonly describedBy?: string;
}

/** A field that takes one file, chosen or dropped. */
export function DropField({ words, chosen, onChoose, describedBy }: DropFieldProps) {
  const isOver = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // else the browser takes the same file, chosen again, for no change
    if (chosen === undefined && input.current !== null) input.current.value = '';
  }, [chosen]);
  return (
    <label
      class="drop"
      data-over={isOver.value}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        onChoose(event.dataTransfer?.files[0]);
      }}
    >
      <input
        ref={input}
        type="file"
        class="unseen"
        aria-describedby={describedBy}
        onChange={(event) => onChoose(event.currentTarget.files?.[0])}
      />
      <span>
        <strong>{words.choose}</strong> {words.drop}
      </span>
      <span class="chosen">
        <bdi>{chosen === undefined ? words.nothingChosen : words.chosen(shownText(chosen.name), size(chosen.size))}</bdi>
      </span>
    </label>
  );
}
