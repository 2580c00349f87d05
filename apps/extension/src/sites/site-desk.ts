import { abortable } from '@perigee/net/abort';
import { MAX_ASKING_SITES, PROMPT_OPENS_MS, SITE_QUIET_MS } from '@perigee/wire';
import { CODE, ProviderFailure } from '../failure.ts';
import type { Decision, SiteBook } from '../site-book.ts';

interface Question {
  readonly answer: Promise<Decision | 'closed'>;
  readonly settle: (answer: Decision | 'closed') => void;
}

export interface SiteDeskParts {
  readonly book: SiteBook;
  /** Opens the window of questions. */
  readonly open: () => Promise<void>;
  /** What is asked has changed. */
  readonly onChange: () => void;
  readonly now: () => number;
}

/** Lets a person say, once for each site, whether it may ask. */
export class SiteDesk {
  readonly #parts: SiteDeskParts;
  readonly #questions = new Map<string, Question>();
  /** Sites whose question was closed unanswered: until when they are not asked about again. */
  readonly #quiet = new Map<string, number>();
  #isOpen = false;
  /** Until the window that was asked for says that it is there. */
  #overdue: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: SiteDeskParts) {
    this.#parts = parts;
  }

  /** Sites that wait, in the order in which they came. */
  waiting(): readonly string[] {
    return [...this.#questions.keys()];
  }

  /** @throws 4001 when the person says no; 4100 when they said so before; -32002 when too many sites ask */
  async require(origin: string, signal: AbortSignal): Promise<void> {
    const decision = this.#parts.book.decisionOf(origin);
    if (decision === 'allowed') return;
    if (decision === 'denied')
      throw new ProviderFailure(CODE.unauthorized, `${origin} was denied access; the popup of the extension changes that`);
    const answer = await abortable(this.#ask(origin), signal);
    if (answer === 'denied') throw new ProviderFailure(CODE.userRejected, `access of ${origin} was denied`);
    if (answer === 'closed')
      throw new ProviderFailure(CODE.userRejected, `the question whether ${origin} may ask was closed without an answer`);
  }

  /** Once more before an answer goes out: a person may have taken the permission away meanwhile. @throws 4100 */
  confirm(origin: string): void {
    if (this.#parts.book.decisionOf(origin) === 'allowed') return;
    throw new ProviderFailure(CODE.unauthorized, `access of ${origin} was taken away while it waited for its answer`);
  }

  /** @returns whether it was asked about */
  decide(origin: string, decision: Decision): void {
    this.#parts.book.decide(origin, decision);
    this.#settle(origin, decision);
  }

  /** A window of questions is there. */
  opened(): void {
    clearTimeout(this.#overdue);
    this.#isOpen = true;
  }

  /** A window of questions was closed: nobody answers those that it showed. Who asked while it was closing is asked about in another. */
  close(shown: Iterable<string>): void {
    clearTimeout(this.#overdue);
    this.#isOpen = false;
    for (const origin of shown) {
      if (!this.#questions.has(origin)) continue;
      this.#quiet.set(origin, this.#parts.now() + SITE_QUIET_MS);
      this.#settle(origin, 'closed');
    }
    if (this.#questions.size > 0) this.#open();
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    // one that was closed before its script ran never says so, and nobody would be asked about any more
    this.#overdue = setTimeout(() => this.close(this.waiting()), PROMPT_OPENS_MS);
    this.#parts.open().catch(() => this.close(this.waiting()));
  }

  #ask(origin: string): Promise<Decision | 'closed'> {
    const asked = this.#questions.get(origin);
    if (asked !== undefined) return asked.answer;
    this.#requireQuestion(origin);
    let settle: Question['settle'] = () => {};
    const answer = new Promise<Decision | 'closed'>((resolve) => {
      settle = resolve;
    });
    this.#questions.set(origin, { answer, settle });
    this.#parts.onChange();
    this.#open();
    return answer;
  }

  #requireQuestion(origin: string): void {
    const now = this.#parts.now();
    for (const [quiet, until] of this.#quiet) if (until <= now) this.#quiet.delete(quiet);
    if (this.#quiet.has(origin)) {
      throw new ProviderFailure(
        CODE.unauthorized,
        `the question whether ${origin} may ask was closed; it can be asked again in a minute`,
      );
    }
    if (this.#questions.size >= MAX_ASKING_SITES) {
      throw new ProviderFailure(CODE.resourceUnavailable, 'other sites wait for an answer whether they may ask; try again later');
    }
  }

  #settle(origin: string, answer: Decision | 'closed'): void {
    this.#questions.get(origin)?.settle(answer);
    this.#questions.delete(origin);
    this.#parts.onChange();
  }
}
