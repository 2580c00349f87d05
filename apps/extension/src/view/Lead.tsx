import { CURRENT_WITHIN_MS } from '@perigee/wire';
import type { Snapshot } from '../snapshot.ts';
import { age, count, popup as words } from '../strings.ts';

interface LeadProps {
  readonly snapshot: Snapshot | undefined;
  /** Whether the snapshot is of now; else it says how old it is. */
  readonly isLive: boolean;
  readonly nowMs: number;
}

/** The one sentence that says where things stand. */
export function Lead({ snapshot, isLive, nowMs }: LeadProps) {
  const { tone, title, detail } = leadOf(snapshot, nowMs);
  return (
    <section class={`lead ${tone}`} aria-live="polite">
      <h2>{title}</h2>
      <p>{detail}</p>
      <small>{snapshot === undefined || isLive ? '\u00a0' : words.old(age(nowMs - snapshot.atMs))}</small>
      {(snapshot === undefined || snapshot.chainId === null) && (
        <button type="button" class="control" onClick={() => void chrome.runtime.openOptionsPage()}>
          {words.choose}
        </button>
      )}
    </section>
  );
}

function leadOf(snapshot: Snapshot | undefined, nowMs: number): { tone: string; title: string; detail: string } {
  if (snapshot === undefined) return { tone: 'calm', ...words.noChain };
  const { chainId, paused, problem, head, alerts } = snapshot;
  if (problem !== null) return { tone: 'bad', title: words.problem, detail: problem.message };
  if (chainId === null) return { tone: 'calm', ...words.noChain };
  if (paused) return { tone: 'calm', ...words.paused };
  if (head === null) return { tone: 'calm', ...words.starting };
  if (alerts > 0) return { tone: 'bad', ...words.alert };
  const ageMs = nowMs - head.timeMs;
  if (ageMs > CURRENT_WITHIN_MS || head.freshness === 'stale') {
    return { tone: 'warn', ...words.stale(count(head.height), age(ageMs)) };
  }
  const isCurrent = head.freshness === 'current';
  return {
    tone: isCurrent ? 'good' : 'warn',
    title: isCurrent ? words.verified : words.oneSource,
    detail: words.detail(snapshot),
  };
}
