import type { Connection as Libp2pConnection } from '@libp2p/interface';
import type { Clock } from '@perigee/light-core/roles';
import { DIAL_TIMEOUT_MS, PerigeeError } from '@perigee/wire';
import type { Candidate, DialPlan } from './dial-plan.ts';
import type { Transports } from './platform.ts';
import { Watchdog } from './watchdog.ts';

export interface DialWinner {
  readonly connection: Libp2pConnection;
  /** Why a better transport was not taken. */
  readonly fallback: string | undefined;
}

/**
 * Dials the candidates of a plan, each at its time, or at once when all before it failed. The first connection wins and ends the others.
 *
 * Every attempt has a controller of its own, because the TCP transport ties the socket to the signal it was dialled with: one that
 * fires later, such as `AbortSignal.timeout`, would cut the connection.
 */
export class DialRace {
  readonly result: Promise<DialWinner>;
  readonly #transports: Transports;
  readonly #clock: Clock;
  readonly #plan: DialPlan;
  readonly #failures: string[];
  readonly #start: number;
  readonly #attempts = new Set<AbortController>();
  /** Sleeps until the next candidate's time; aborted when there is nothing to wait for. */
  #pause = new AbortController();
  #next = 0;
  #settled = false;
  #resolve: (winner: DialWinner) => void = () => {};
  #reject: (error: PerigeeError) => void = () => {};

  constructor(transports: Transports, clock: Clock, plan: DialPlan) {
    this.#transports = transports;
    this.#clock = clock;
    this.#plan = plan;
    this.#failures = [...plan.refused];
    this.#start = clock.now();
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    void this.#run();
  }

  /** Ends all attempts; does nothing after the race. */
  abort(error: PerigeeError): void {
    if (this.#settle()) this.#reject(error);
  }

  async #run(): Promise<void> {
    const { candidates } = this.#plan;
    for (; this.#next < candidates.length && !this.#settled; this.#next++) {
      const candidate = candidates[this.#next] as Candidate;
      const wait = this.#start + candidate.at - this.#clock.now();
      if (wait > 0 && this.#attempts.size > 0) {
        this.#pause = new AbortController();
        await this.#clock.sleep(wait, this.#pause.signal).catch(() => {});
        if (this.#settled) return;
      }
      void this.#attempt(candidate);
    }
    this.#loseIfOver();
  }

  async #attempt({ address, transport }: Candidate): Promise<void> {
    const attempt = new AbortController();
    this.#attempts.add(attempt);
    const limit = new Watchdog(this.#clock, DIAL_TIMEOUT_MS, () => attempt.abort());
    limit.touch();
    try {
      const connection = await this.#transports.dial(address, { signal: attempt.signal });
      this.#attempts.delete(attempt);
      if (this.#settle()) this.#resolve({ connection, fallback: this.#whyNotBetter(transport) });
      else connection.abort(new Error('another address answered first'));
    } catch (cause) {
      this.#attempts.delete(attempt);
      this.#failures.push(`${address}: ${attempt.signal.aborted ? `no answer within ${DIAL_TIMEOUT_MS} ms` : reasonOf(cause)}`);
      if (this.#attempts.size === 0) this.#pause.abort();
      this.#loseIfOver();
    } finally {
      limit.close();
    }
  }

  #loseIfOver(): void {
    if (this.#attempts.size > 0 || this.#next < this.#plan.candidates.length || !this.#settle()) return;
    const why = this.#failures.length === 0 ? 'no address is known' : this.#failures.join('; ');
    const data = Object.fromEntries(this.#failures.map((failure, i) => [`address${i}`, failure]));
    this.#reject(new PerigeeError('UNREACHABLE', `the peer cannot be reached: ${why}`, { data }));
  }

  /** @returns whether the race was open until now */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#pause.abort();
    for (const attempt of this.#attempts) attempt.abort();
    return true;
  }

  #whyNotBetter(taken: Candidate['transport']): string | undefined {
    const best = this.#plan.candidates[0];
    if (best === undefined || best.transport === taken) return this.#plan.lacking;
    const failed = this.#failures.slice(this.#plan.refused.length);
    if (failed.length > 0) return failed.join('; ');
    return `${best.transport} had not connected after ${Math.round(this.#clock.now() - this.#start)} ms`;
  }
}

/** Browsers tell nothing about a failed WebSocket, and libp2p then throws an event. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error && cause.message !== '' ? cause.message : 'no connection';
}
