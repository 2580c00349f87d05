import { shownText } from '../files/names.ts';
import { size } from '../format.ts';

export interface FileButtonProps {
  /** Of this page's only one: what belongs together has ids that begin with it. */
  readonly id: string;
  readonly words: {
    readonly name: string;
    readonly choose: string;
    readonly nothingChosen: string;
    readonly chosen: (name: string, size: string) => string;
  };
  readonly chosen: File | undefined;
  readonly onChoose: (file: File | undefined) => void;
}

/** A button that takes one file, which looks as the others do; for who listens it is the browser's own field. */
export function FileButton({ id, words, chosen, onChoose }: FileButtonProps) {
  return (
    <div class="file">
      <span id={`${id}-name`}>{words.name}</span>
      <p>
        <label class="control">
          <input
            type="file"
            class="unseen"
            aria-labelledby={`${id}-name ${id}-choose`}
            aria-describedby={`${id}-chosen`}
            onChange={(event) => onChoose(event.currentTarget.files?.[0])}
          />
          <span id={`${id}-choose`}>{words.choose}</span>
        </label>
        <span class="quiet chosen" id={`${id}-chosen`}>
          <bdi>{chosen === undefined ? words.nothingChosen : words.chosen(shownText(chosen.name), size(chosen.size))}</bdi>
        </span>
      </p>
    </div>
  );
}
