import { signal } from '@preact/signals';
import { render } from 'preact';
import { PROMPT_PORT, type PromptMessage, type PromptSeen } from '../messages.ts';
import type { Decision } from '../site-book.ts';
import type { SiteQuestion } from '../sites/index.ts';
import { prompt as words } from '../strings.ts';
import { ask, listen } from './client.ts';

/** A question that has just appeared, or come forward from behind a window, takes no answer for this time, milliseconds: a click or key that was meant for the site must not be one. */
const STILL_MS = 600;

const asked = signal<readonly SiteQuestion[] | undefined>(undefined);
const isStill = signal(true);

function decide({ origin, access }: SiteQuestion, decision: Decision): void {
  if (!isStill.value) void ask({ kind: 'decide', origin, access, decision });
}

function Prompt() {
  if (asked.value === undefined) return null;
  const [question, ...others] = asked.value;
  if (question === undefined) return <p class="quiet">{words.done}</p>;
  const { origin, access } = question;
  const say = access === 'node' ? words.node : words;
  return (
    <main class="question">
      <h1>{words.title}</h1>
      <p class="who" data-origin={origin} data-access={access}>
        {origin}
      </p>
      <p>{say.question}</p>
      <p class="quiet">{say.can}</p>
      <p class="quiet">{say.cannot}</p>
      <div class="actions">
        <button type="button" class="control" aria-disabled={isStill.value} onClick={() => decide(question, 'denied')}>
          {words.deny}
        </button>
        <button type="button" class="control first" aria-disabled={isStill.value} onClick={() => decide(question, 'allowed')}>
          {words.allow}
        </button>
      </div>
      <small>{others.length > 0 ? words.more(others.length) : ''}</small>
    </main>
  );
}

const app = document.getElementById('app');
if (app !== null) render(<Prompt />, app);

let stillTimer: ReturnType<typeof setTimeout> | undefined;
let isClosing = false;

function beStill(): void {
  isStill.value = true;
  clearTimeout(stillTimer);
  stillTimer = setTimeout(() => {
    isStill.value = false;
  }, STILL_MS);
}

// a site can lay a window over this one and take it away between two clicks
addEventListener('focus', beStill);
document.addEventListener('visibilitychange', beStill);

listen<PromptMessage>(PROMPT_PORT, ({ waiting }, answer) => {
  if (isClosing) return; // who asks now is asked about in another window
  if (waiting.length === 0 && asked.value !== undefined) {
    isClosing = true;
    window.close();
    return;
  }
  const [first, before] = [waiting[0], asked.value?.[0]];
  if (first?.origin !== before?.origin || first?.access !== before?.access) beStill();
  asked.value = waiting;
  answer({ seen: waiting } satisfies PromptSeen);
});
