import '../../style/forms.css';
import { useSignal } from '@preact/signals';
import type { ViewProps } from '../../model/index.ts';
import { streams } from '../../strings/streams/index.ts';
import '../../style/streams.css';
import { Entries } from './Entries.tsx';
import { FindStream } from './FindStream.tsx';
import { WriteEntry } from './WriteEntry.tsx';

/** Streams: open one, see what is in it and what proves it, write to it. */
export function StreamsView({ model, actions }: ViewProps) {
  const draft = useSignal({ key: '', value: '' });
  const { stream } = model.streams.value;
  const onEdit = async (key: string, name: string) => {
    draft.value = { key: name, value: (await actions.entryText(key)) ?? '' };
    document.querySelector<HTMLElement>('.streams-write textarea')?.focus();
  };
  return (
    <section class="card streams" aria-labelledby="streams-title">
      <h2 id="streams-title" class="label">
        {streams.title}
      </h2>
      <p class="quiet">{streams.explain}</p>
      <div class="streams-forms">
        <FindStream model={model} actions={actions} />
        {stream === undefined ? null : <WriteEntry model={model} actions={actions} draft={draft} />}
      </div>
      {stream === undefined ? null : <Entries model={model} actions={actions} onEdit={onEdit} />}
    </section>
  );
}
