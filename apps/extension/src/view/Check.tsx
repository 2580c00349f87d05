import { useSignal } from '@preact/signals';
import type { Checked } from '../check.ts';
import { checked as answers, count, popup as words } from '../strings.ts';
import { ask } from './client.ts';

interface Finding {
  readonly tone: string;
  readonly text: string;
}

/** The box that says of a commitment or a transaction what the chain and its nodes prove. */
export function Check() {
  const text = useSignal('');
  const finding = useSignal<Finding | undefined>(undefined);
  const busy = useSignal(false);

  async function check(event: Event): Promise<void> {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    finding.value = { tone: 'calm', text: words.checking };
    try {
      finding.value = findingOf((await ask({ kind: 'check', text: text.value })) as Checked);
    } catch (thrown) {
      finding.value = { tone: 'bad', text: thrown instanceof Error ? thrown.message : String(thrown) };
    } finally {
      busy.value = false;
    }
  }

  return (
    <form class="check" onSubmit={(event) => void check(event)}>
      <label for="check">{words.check}</label>
      <div class="row">
        <input
          id="check"
          autocomplete="off"
          spellcheck={false}
          value={text}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="control" aria-disabled={busy.value}>
          {words.checkButton}
        </button>
      </div>
      <output class={finding.value?.tone ?? 'calm'}>{finding.value?.text ?? ''}</output>
    </form>
  );
}

function findingOf(found: Checked): Finding {
  if (found.kind === 'nothing') return { tone: 'calm', text: answers.nothing(count(found.height)) };
  if (found.kind === 'tx')
    return { tone: found.succeeded ? 'good' : 'warn', text: answers.tx(count(found.height), found.succeeded) };
  if (found.state === 'expired') return { tone: 'calm', text: answers.expired };
  const tone = { available: 'good', unavailable: 'bad', badEncoding: 'bad' }[found.state] ?? 'warn';
  return { tone, text: answers.blob(found.state, found.verified, found.drawn) };
}
