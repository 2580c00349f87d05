import { MAX_TRUST_ROOT_CHARACTERS } from '@perigee/wire';
import { signal } from '@preact/signals';
import { render } from 'preact';
import { type ChosenChain, readChoice } from '../chain-choice.ts';
import { VIEW_PORT, type ViewMessage } from '../messages.ts';
import { count, options as words } from '../strings.ts';
import { ask, listen } from './client.ts';

const chainId = signal<string | null | undefined>(undefined);
const text = signal('');
/** What the person is asked to believe. */
const offered = signal<ChosenChain | undefined>(undefined);
const said = signal<{ readonly tone: string; readonly text: string } | undefined>(undefined);

async function attempt(work: () => unknown): Promise<void> {
  said.value = undefined;
  try {
    await work();
  } catch (thrown) {
    said.value = { tone: 'bad', text: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function read(given: string): Promise<void> {
  return attempt(() => {
    offered.value = undefined;
    offered.value = readChoice(given);
  });
}

async function readFile(file: File | undefined): Promise<void> {
  if (file !== undefined) await read(await file.slice(0, MAX_TRUST_ROOT_CHARACTERS + 1).text());
}

function follow(choice: ChosenChain['choice'] | undefined): Promise<void> {
  return attempt(async () => {
    offered.value = undefined;
    await ask({ kind: 'follow', choice });
    text.value = '';
    said.value = { tone: 'good', text: words.done };
  });
}

function Offer({ chain }: { readonly chain: ChosenChain }) {
  return (
    <section class="offer" aria-label={words.ask}>
      <h2>{words.ask}</h2>
      <dl class="facts">
        <div>
          <dt>{words.chainId}</dt>
          <dd>{chain.chainId}</dd>
        </div>
        <div>
          <dt>{words.height}</dt>
          <dd>{count(chain.height)}</dd>
        </div>
        <div>
          <dt>{words.hash}</dt>
          <dd class="mono">{chain.headerHash}</dd>
        </div>
        <div>
          <dt>{words.peers}</dt>
          <dd class="mono">{chain.peers.join('\n')}</dd>
        </div>
      </dl>
      {chain.isLocal && <p class="notice">{words.local}</p>}
      <div class="actions">
        <button type="button" class="control" onClick={() => (offered.value = undefined)}>
          {words.back}
        </button>
        <button type="button" class="control first" onClick={() => void follow(chain.choice)}>
          {words.believe}
        </button>
      </div>
    </section>
  );
}

function Options() {
  const now = chainId.value;
  return (
    <main>
      <h1>{words.title}</h1>
      <section>
        <h2>{words.chain}</h2>
        <p data-chain={now ?? ''}>{now === undefined ? '\u00a0' : now === null ? words.none : words.follows(now)}</p>
        <button type="button" class="control" onClick={() => void follow(undefined)}>
          {words.bundled}
        </button>
      </section>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void read(text.value);
        }}
      >
        <h2>{words.add}</h2>
        <p class="quiet">{words.hint}</p>
        <label for="chain">{words.label}</label>
        <textarea
          id="chain"
          rows={5}
          spellcheck={false}
          value={text}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <div class="actions">
          <button type="submit" class="control">
            {words.read}
          </button>
          <label class="control file">
            {words.file}
            <input
              class="unseen"
              type="file"
              accept=".json,application/json"
              onChange={(event) => void readFile(event.currentTarget.files?.[0])}
            />
          </label>
        </div>
      </form>
      <output class={said.value?.tone ?? 'calm'}>{said.value?.text ?? ''}</output>
      {offered.value !== undefined && <Offer chain={offered.value} />}
    </main>
  );
}

const app = document.getElementById('app');
if (app !== null) render(<Options />, app);
listen<ViewMessage>(VIEW_PORT, ({ snapshot }) => {
  chainId.value = snapshot.chainId;
});
