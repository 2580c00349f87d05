import '../style/lists.css';
import type { ViewProps } from '../model/index.ts';
import '../style/forms.css';
import { recordOf } from '../network/record.ts';
import { about } from '../strings/below/index.ts';
import { Events } from './Events.tsx';
import { Headers } from './Headers.tsx';

/** What lies below the first screen of what is verified, and comes after the first paint. */
export function LiveBelow({ model, actions }: ViewProps) {
  recordOf(model); // from now on, for whoever opens the view of the network later
  return (
    <>
      <Headers model={model} />
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
