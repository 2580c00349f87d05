import type { Clock } from '@perigee/light-core/roles';
import { type ErrorData, MAX_EVENTS } from '@perigee/wire';
import type { EventKind, NodeEvent } from './state.ts';

/** What happened, newest last; past MAX_EVENTS the oldest are forgotten. */
export class EventLog {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #events: readonly NodeEvent[] = [];
  #count = 0;

  /** @param onChange called after each new event */
  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** A snapshot: later events do not change it. */
  list(): readonly NodeEvent[] {
    return this.#events;
  }

  /** @param about a peer id, a blob id, a height */
  note(kind: EventKind, about: string, data: ErrorData = {}): void {
    const event = { id: ++this.#count, atMs: this.#clock.now(), kind, about, data };
    this.#events = [...this.#events, event].slice(-MAX_EVENTS);
    this.#onChange();
  }
}
