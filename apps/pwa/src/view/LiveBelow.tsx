import '../style/lists.css';
import type { ViewProps } from '../model/index.ts';
import '../style/forms.css';
import { useSignal } from '@preact/signals';
import { recordOf } from '../network/record.ts';
import { about, shareButton } from '../strings/below/index.ts';
import { Events } from './Events.tsx';
import { Headers } from './Headers.tsx';
import { Lazy } from './Lazy.tsx';

/** What lies below the first screen of what is verified, and comes after the first paint. */
export function LiveBelow({ model, actions }: ViewProps) {
  recordOf(model); // from now on, for whoever opens the view of the network later
  return (
    <>
      <Headers model={model} />
      <Share model={model} actions={actions} />
      <Events model={model} actions={actions} />
      <details class="more about">
        <summary>{about.title}</summary>
        {about.paragraphs.map((paragraph) => (
          <p key={paragraph}>{paragraph}</p>
        ))}
      </details>
    </>
  );
}

/** What was verified, for others to see; its picture is fetched when somebody wants it. */
function Share(props: ViewProps) {
  const isOpen = useSignal(false);
  return (
    <>
      <p class="actions">
        <button
          type="button"
          class="control"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {shareButton}
        </button>
      </p>
      {isOpen.value ? <Lazy {...props} when load={async () => (await import('./share/ShareCard.tsx')).ShareCard} /> : null}
    </>
  );
}
