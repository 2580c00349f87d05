import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { sentence, size } from '../../format.ts';
import type { ViewProps } from '../../model/index.ts';
import type { Wipe } from '../../settings/wipe.ts';
import { adviceFor } from '../../strings/index.ts';
import { settings } from '../../strings/settings/index.ts';
import { Fact } from '../Fact.tsx';

const { kept: words } = settings;

/** What the browser says of all that pages of this address keep. */
interface Room {
  readonly usage: number | undefined;
  readonly quota: number | undefined;
  readonly persisted: boolean | undefined;
}

/** What is kept on this device, whether it stays, and how to be rid of it. */
export function KeptCard({ model, actions }: ViewProps) {
  const room = useSignal<Room | undefined>(undefined);
  const asked = useSignal<Wipe | undefined>(undefined);
  const refused = useSignal(false);
  const storage = model.state.value?.storage;
  const { wiping } = model.settings.value;
  const look = async () => {
    const [estimate, persisted] = await Promise.all([navigator.storage?.estimate?.(), navigator.storage?.persisted?.()]);
    room.value = { usage: estimate?.usage, quota: estimate?.quota, persisted };
  };
  useEffect(() => {
    void look();
  }, []);
  const { usage, quota, persisted } = room.value ?? {};
  return (
    <section class="card kept" aria-labelledby="kept-title">
      <h2 id="kept-title" class="label">
        {words.title}
      </h2>
      <p class="quiet">{words.explain}</p>
      <dl>
        <Fact name={words.used} note={storage?.error === undefined ? undefined : adviceFor(storage.error.code).title}>
          {storage === undefined ? words.nothing : words.usedValue(size(storage.usedBytes), size(storage.budgetBytes))}
        </Fact>
        <Fact name={words.origin}>
          {usage === undefined || quota === undefined ? undefined : words.originValue(size(usage), size(quota))}
        </Fact>
        <Fact name={words.persisted} note={refused.value ? words.refused : undefined}>
          {persisted === undefined ? undefined : persisted ? words.persistedYes : words.persistedNo}
        </Fact>
      </dl>
      {asked.value === undefined ? (
        <p class="actions">
          {persisted === false ? (
            <button
              type="button"
              class="control"
              onClick={async () => {
                refused.value = !(await actions.keepForGood());
                await look();
              }}
            >
              {words.persist}
            </button>
          ) : null}
          <Ask label={words.wipeVerified} onAsk={() => (asked.value = 'verified')} />
          <Ask label={words.wipeAll} onAsk={() => (asked.value = 'all')} />
        </p>
      ) : (
        <div role="alertdialog" aria-labelledby="really">
          <p id="really" class="note">
            {words.really[asked.value]}
          </p>
          <p class="actions">
            <button type="button" class="control" onClick={() => (asked.value = undefined)}>
              {words.no}
            </button>
            <button
              type="button"
              class="control"
              disabled={wiping === 'asked'}
              onClick={() => {
                if (asked.value !== undefined) actions.wipe(asked.value);
              }}
            >
              {words.yes[asked.value]}
            </button>
          </p>
        </div>
      )}
      <p class={typeof wiping === 'object' ? 'obstacle' : 'quiet'} role="status">
        {wiping === undefined ? null : wiping === 'asked' ? words.wiping : sentence(wiping.message)}
      </p>
    </section>
  );
}

function Ask({ label, onAsk }: { readonly label: string; readonly onAsk: () => void }) {
  return (
    <button type="button" class="control" onClick={onAsk}>
      {label}
    </button>
  );
}
