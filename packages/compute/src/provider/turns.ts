import { abortError } from '@perigee/net/abort';
import { FAIR_TURN, MAX_QUEUED_ANSWERS, MAX_QUEUED_ANSWERS_PER_OWNER, PerigeeError } from '@perigee/wire';

/** By what one who waits is ranked. */
export interface TurnRank {
  /** Whose it is: an account, or where nobody pays who called. */
  readonly owner: string;
  /** Class of bonded stake; the higher goes first. */
  readonly stakeClass: number;
  /** Smallest units that are offered; within a class the higher goes first. */
  readonly fee: bigint;
  /** Nobody pays: one who does takes its place when there is no other. */
  readonly isUnpaid?: boolean;
}

interface Waiting extends TurnRank {
  readonly enter: () => void;
  readonly refuse: (why: PerigeeError) => void;
}

/**
 * Places at a model. When they are taken, the next goes to the highest class of stake, within that to the highest fee, within that to who came first; but
 * every FAIR_TURN turns to who has waited longest, so that nobody waits for ever. When there is no room to wait, who pays takes the room of who does not, and a
 * higher class of stake that of a lower one: an offer costs nothing before its turn comes, and a bond does.
 */
export class Turns {
  #free: number;
  /** In the order in which they came. */
  #waiting: Waiting[] = [];
  #turn = 0;

  constructor(places: number) {
    this.#free = places;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @returns gives the place back; calling it again does nothing
   * @throws BUSY when too many wait; ABORTED, TIMEOUT when the signal fires first
   */
  take(rank: TurnRank, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(abortError(signal));
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(this.#releaser());
    }
    if (this.#waiting.filter(({ owner }) => owner === rank.owner).length >= MAX_QUEUED_ANSWERS_PER_OWNER) {
      return Promise.reject(
        new PerigeeError('BUSY', `${MAX_QUEUED_ANSWERS_PER_OWNER} answers of ${rank.owner} wait already: let one end first`),
      );
    }
    if (this.#waiting.length >= MAX_QUEUED_ANSWERS) {
      const why = new PerigeeError('BUSY', `${MAX_QUEUED_ANSWERS} answers wait for this model already: come again`);
      const last = rank.isUnpaid === true ? undefined : this.#lastBelow(rank);
      if (last === undefined) return Promise.reject(why);
      last.refuse(why);
    }
    return new Promise((resolve, reject) => {
      const refuse = (why: Error): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        signal.removeEventListener('abort', leave);
        reject(why);
      };
      const leave = (): void => refuse(abortError(signal));
      const waiting: Waiting = {
        ...rank,
        enter: () => {
          signal.removeEventListener('abort', leave);
          resolve(this.#releaser());
        },
        refuse,
      };
      this.#waiting.push(waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** Who came last of those that give their room to one who pays. */
  #lastBelow({ stakeClass }: TurnRank): Waiting | undefined {
    const unpaid = this.#waiting.findLast(({ isUnpaid }) => isUnpaid === true);
    if (unpaid !== undefined) return unpaid;
    const lowest = Math.min(...this.#waiting.map((one) => one.stakeClass));
    return lowest < stakeClass ? this.#waiting.findLast((one) => one.stakeClass === lowest) : undefined;
  }

  #releaser(): () => void {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const next = this.#next();
      if (next === undefined) this.#free++;
      else next.enter();
    };
  }

  #next(): Waiting | undefined {
    this.#turn++;
    const isFair = this.#turn % FAIR_TURN === 0;
    const next = isFair ? this.#waiting[0] : this.#waiting.reduce<Waiting | undefined>(better, undefined);
    this.#waiting = this.#waiting.filter((one) => one !== next);
    return next;
  }
}

/** The earlier one stays where neither is better. */
function better(a: Waiting | undefined, b: Waiting): Waiting {
  if (a === undefined) return b;
  if (a.stakeClass !== b.stakeClass) return a.stakeClass > b.stakeClass ? a : b;
  return a.fee >= b.fee ? a : b;
}
