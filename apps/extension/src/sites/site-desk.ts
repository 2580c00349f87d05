import { abortable } from '@perigee/net/abort';
import { MAX_ASKING_SITES, PROMPT_OPENS_MS, SITE_QUIET_MS } from '@perigee/wire';
import { CODE, ProviderFailure } from '../failure.ts';
import type { Access, Decision, SiteBook } from '../site-book.ts';

/** What a person is asked. */
export interface SiteQuestion {
  readonly origin: string;
  readonly access: Access;
}

/** Tells questions of one site apart. */
export function nameOf({ origin, access }: SiteQuestion): string {
  return access === 'answers' ? origin : `${access} ${origin}`;
}

interface Question {
  readonly access: Access;
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
  waiting(): readonly SiteQuestion[] {
    return [...this.#questions].map(([origin, { access }]) => ({ origin, access }));
  }

  /** @throws 4001 when the person says no; 4100 when they said so before; -32002 when too many sites ask */
  async require(origin: string, signal: AbortSignal, access: Access = 'answers'): Promise<void> {
    const decision = this.#parts.book.decisionOf(origin, access);
    if (decision === 'allowed') return;
    if (decision === 'denied')
      throw new ProviderFailure(CODE.unauthorized, `${origin} was denied access; the popup of the extension changes that`);
    const question = this.#ask(origin, access);
    const answer = await abortable(question.answer, signal);
    // one question for each site at a time: it was of something else, which says nothing of this
    if (question.access !== access && answer !== 'closed') return this.require(origin, signal, access);
    if (answer === 'denied') throw new ProviderFailure(CODE.userRejected, `access of ${origin} was denied`);
    if (answer === 'closed')
      throw new ProviderFailure(CODE.userRejected, `the question whether ${origin} may ask was closed without an answer`);
  }

  /** Once more before an answer goes out: a person may have taken the permission away meanwhile. @throws 4100 */
  confirm(origin: string, access: Access = 'answers'): void {
    if (this.#parts.book.decisionOf(origin, access) === 'allowed') return;
    throw new ProviderFailure(CODE.unauthorized, `access of ${origin} was taken away while it waited for its answer`);
  }

  /** @returns whether it was asked about */
  decide(origin: string, decision: Decision, access: Access = 'answers'): void {
    this.#parts.book.decide(origin, decision, access);
    this.#settle(origin, decision);
  }

  /** A window of questions is there. */
  opened(): void {
    clearTimeout(this.#overdue);
    this.#isOpen = true;
  }

  /** A window of questions was closed: nobody answers those that it showed, by their names. Who asked while it was closing is asked about in another. */
  close(shown: Iterable<string>): void {
    const names = new Set(shown);
    clearTimeout(this.#overdue);
    this.#isOpen = false;
    for (const question of this.waiting()) {
      if (!names.has(nameOf(question))) continue;
      const { origin } = question;
      this.#quiet.set(origin, this.#parts.now() + SITE_QUIET_MS);
      this.#settle(origin, 'closed');
    }
    if (this.#questions.size > 0) this.#open();
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    // one that was closed before its script ran never says so, and nobody would be asked about any more
    const close = (): void => this.close(this.waiting().map(nameOf));
    this.#overdue = setTimeout(close, PROMPT_OPENS_MS);
    this.#parts.open().catch(close);
  }

  #ask(origin: string, access: Access): Question {
    const asked = this.#questions.get(origin);
    if (asked !== undefined) return asked;
    this.#requireQuestion(origin);
    let settle: Question['settle'] = () => {};
    const answer = new Promise<Decision | 'closed'>((resolve) => {
      settle = resolve;
    });
    const question: Question = { access, answer, settle };
    this.#questions.set(origin, question);
    this.#parts.onChange();
    this.#open();
    return question;
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
