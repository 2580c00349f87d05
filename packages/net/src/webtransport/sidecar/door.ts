import {
  MAX_WEBTRANSPORT_HALF_OPEN,
  MAX_WEBTRANSPORT_HALF_OPEN_PER_ADDRESS,
  MAX_WEBTRANSPORT_SESSIONS,
  MAX_WEBTRANSPORT_SESSIONS_PER_ADDRESS,
} from '@perigee/wire';

export interface DoorLimits {
  readonly halfOpen: number;
  readonly halfOpenPerPlace: number;
  readonly sessions: number;
  readonly sessionsPerPlace: number;
}

const LIMITS: DoorLimits = {
  halfOpen: MAX_WEBTRANSPORT_HALF_OPEN,
  halfOpenPerPlace: MAX_WEBTRANSPORT_HALF_OPEN_PER_ADDRESS,
  sessions: MAX_WEBTRANSPORT_SESSIONS,
  sessionsPerPlace: MAX_WEBTRANSPORT_SESSIONS_PER_ADDRESS,
};

/** Somebody who is in, or on the way. */
export interface Guest {
  /** Where it is, as far as it cannot choose that. */
  readonly place: string;
  close(): void;
  /** Streams that it has open. */
  readonly streams: number;
}

/** Who may begin a session, and who may have one. */
export class Door<G extends Guest = Guest> {
  readonly #limits: DoorLimits;
  /** Oldest first. */
  readonly #halfOpen = new Set<G>();
  readonly #sessions = new Set<G>();

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#halfOpen.size + this.#sessions.size;
  }

  /** Whether a guest may begin; the oldest of those who have not come further gives way. */
  knock(guest: G): boolean {
    if (count(this.#halfOpen, guest.place) >= this.#limits.halfOpenPerPlace) return false;
    const [oldest] = this.#halfOpen;
    if (oldest !== undefined && this.#halfOpen.size >= this.#limits.halfOpen) {
      this.#halfOpen.delete(oldest);
      oldest.close();
    }
    this.#halfOpen.add(guest);
    return true;
  }

  /** Whether one who has begun may stay. */
  enter(guest: G): boolean {
    if (!this.#halfOpen.delete(guest)) return false;
    if (this.#sessions.size >= this.#limits.sessions) return false;
    if (count(this.#sessions, guest.place) >= this.#limits.sessionsPerPlace) return false;
    this.#sessions.add(guest);
    return true;
  }

  leave(guest: G): void {
    this.#halfOpen.delete(guest);
    this.#sessions.delete(guest);
  }

  /** Ends those who have only begun, and the one with most streams. */
  shed(): void {
    for (const guest of [...this.#halfOpen, busiest(this.#sessions)]) {
      if (guest === undefined) continue;
      this.leave(guest);
      guest.close();
    }
  }
}

function count(guests: ReadonlySet<Guest>, place: string): number {
  let found = 0;
  for (const guest of guests) if (guest.place === place) found++;
  return found;
}

function busiest<G extends Guest>(guests: ReadonlySet<G>): G | undefined {
  let most: G | undefined;
  for (const guest of guests) if (most === undefined || guest.streams > most.streams) most = guest;
  return most;
}
