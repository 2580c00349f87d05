import { ASK_STAGGER_MS, BUSY_RETRY_MS, MAX_BUSY_ANSWERS } from '@perigee/wire';

/** A committee member, what it holds, and how it does. */
export interface Holder {
  /** Committee address, hexadecimal. */
  readonly member: string;
  /** Its rows, ascending: originals come first. */
  readonly rows: Uint16Array;
  /** Rows that it was asked for and did not give. */
  readonly refused: Set<number>;
  /** Rows that it is asked for now. */
  waiting: number;
  /** Rows that it gave. */
  came: number;
  /** Of these, rows that held. */
  verified: number;
  /** Since when it is asked for something, and when it was heard of last, milliseconds since 1970. */
  busySince: number;
  heardAt: number;
  /** Milliseconds before that in which it was asked for something. */
  busyMs: number;
  /** Requests in a row that gave nothing. */
  failures: number;
  /** Not to be asked before, milliseconds since 1970. */
  notBefore: number;
}

const FREE = 0;
const HERE = 1;

/**
 * Which row to ask whom for. Any K rows make the data, but with all originals nothing has to be reconstructed; so every holder is asked for its
 * originals first, and for parity when rows that are expected of others would take longer than ASK_STAGGER_MS: about what reconstruction costs.
 * Nothing here asks or waits.
 */
export class RowPlan {
  readonly holders: readonly Holder[];
  readonly #k: number;
  readonly #state: Uint8Array;
  /** Who is asked for a row now. */
  readonly #askers: (Holder | undefined)[];
  readonly #beganAt: number;
  #here = 0;

  constructor(
    shape: { readonly k: number; readonly n: number },
    members: readonly { readonly member: string; readonly rows: Uint16Array }[],
    now: number,
  ) {
    this.#k = shape.k;
    this.#state = new Uint8Array(shape.k + shape.n);
    this.#askers = new Array(shape.k + shape.n);
    this.#beganAt = now;
    this.holders = members.map(({ member, rows }) => ({
      member,
      rows,
      refused: new Set<number>(),
      waiting: 0,
      came: 0,
      verified: 0,
      busySince: now,
      heardAt: now,
      busyMs: 0,
      failures: 0,
      notBefore: 0,
    }));
  }

  isHere(index: number): boolean {
    return this.#state[index] === HERE;
  }

  /** Rows that are still needed, if all that are here hold. */
  get missing(): number {
    return Math.max(0, this.#k - this.#here);
  }

  /**
   * The next rows to ask a holder for; none when others will give what is missing in time, or it has no more.
   *
   * @param most rows of one request
   * @param isReachable whether another holder can be asked at this moment
   */
  next(holder: Holder, most: number, now: number, isReachable: (other: Holder) => boolean): number[] {
    if (!this.mayAsk(holder, now) || isSilent(holder, now)) return [];
    const originals = this.#free(holder, now, 0, this.#k, Math.min(most, this.missing));
    if (originals.length > 0) return originals;
    let due = this.missing;
    for (const other of this.holders) due -= this.#expected(other, now, isReachable(other));
    return this.#free(holder, now, this.#k, this.#state.length, Math.min(most, due));
  }

  /** Whether it is not given up, and not left alone for a while. */
  mayAsk(holder: Holder, now: number): boolean {
    return holder.failures <= MAX_BUSY_ANSWERS && holder.notBefore <= now;
  }

  /** Whether there is something to ask it for, now or after a while. */
  mayGive(holder: Holder): boolean {
    if (holder.failures > MAX_BUSY_ANSWERS) return false;
    return holder.rows.some((index) => this.#state[index] === FREE && !holder.refused.has(index));
  }

  asked(holder: Holder, rows: readonly number[], now: number): void {
    if (holder.waiting === 0) {
      holder.busySince = now;
      holder.heardAt = now;
    }
    holder.waiting += rows.length;
    for (const index of rows) this.#askers[index] = holder;
  }

  /** @returns whether it is to be verified: another holder may have been faster */
  arrived(holder: Holder, index: number, now: number): boolean {
    this.#answered(holder, index, now);
    holder.came++;
    holder.failures = 0;
    if (this.#state[index] !== FREE) return false;
    this.#state[index] = HERE;
    this.#here++;
    return true;
  }

  /** It says that it has not, or gives no, such row. */
  refused(holder: Holder, index: number, now: number): void {
    this.#answered(holder, index, now);
    holder.refused.add(index);
  }

  /** These came to nothing: it may be asked for them again, later and later, until it is given up. */
  failed(holder: Holder, rows: readonly number[], now: number): void {
    for (const index of rows) this.#answered(holder, index, holder.heardAt);
    holder.failures++;
    holder.notBefore = now + BUSY_RETRY_MS * holder.failures;
  }

  /**
   * A row that arrived, or was kept from an earlier visit, was verified.
   *
   * @param holder that gave it
   * @param holds what was found
   */
  verified(holder: Holder | undefined, index: number, holds: boolean): void {
    if (holder !== undefined && holds) holder.verified++;
    if (holder !== undefined && !holds) holder.refused.add(index);
    const wasHere = this.#state[index] !== FREE;
    if (holds && !wasHere) this.#here++;
    if (!holds && wasHere) this.#here--;
    this.#state[index] = holds ? HERE : FREE;
  }

  #answered(holder: Holder, index: number, now: number): void {
    holder.waiting--;
    holder.heardAt = now;
    if (holder.waiting === 0) holder.busyMs += now - holder.busySince;
    if (this.#askers[index] === holder) this.#askers[index] = undefined;
  }

  /** Up to `most` of its rows in [from, to) that are not here, and that nobody is asked for who still answers. */
  #free(holder: Holder, now: number, from: number, to: number, most: number): number[] {
    const found: number[] = [];
    for (const index of holder.rows) {
      if (found.length >= most || index >= to) break;
      if (index >= from && this.#isFree(holder, index, now)) found.push(index);
    }
    return found;
  }

  #isFree(holder: Holder, index: number, now: number): boolean {
    if (this.#state[index] !== FREE || holder.refused.has(index)) return false;
    const asker = this.#askers[index];
    return asker === undefined || (asker !== holder && isSilent(asker, now));
  }

  /** How many rows it will give within ASK_STAGGER_MS, originals that it was not asked for yet among them. */
  #expected(holder: Holder, now: number, isReachable: boolean): number {
    if (isSilent(holder, now)) return 0;
    // who is not connected yet is waited for a moment: a node that has just started knows its peers one by one
    const isComing = now - this.#beganAt < ASK_STAGGER_MS;
    const mayAsk = isReachable ? this.mayAsk(holder, now) : isComing && holder.failures === 0;
    const left = holder.waiting + (mayAsk ? this.#free(holder, now, 0, this.#k, this.#k).length : 0);
    if (holder.came === 0) return left;
    const busyMs = holder.busyMs + (holder.waiting > 0 ? now - holder.busySince : 0);
    const perMs = holder.came / Math.max(1, busyMs);
    return Math.min(left, Math.floor(perMs * ASK_STAGGER_MS));
  }
}

/** It is asked for rows, and has not said a word for a while. */
function isSilent(holder: Holder, now: number): boolean {
  return holder.waiting > 0 && now - holder.heardAt > ASK_STAGGER_MS;
}
