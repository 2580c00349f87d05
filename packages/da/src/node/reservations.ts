import {
  MAX_RESERVED_BYTES_PER_ACCOUNT,
  MAX_RESERVED_BYTES_PER_PEER,
  PerigeeError,
  type PromiseBody,
  toHex,
} from '@perigee/wire';

/** Disk that a promise holds, and money that it may cost, until its blob is certified or its time is over. */
interface Reservation {
  readonly blobId: Uint8Array;
  readonly peerId: string;
  readonly account: string;
  readonly bytes: number;
  /** Most that the certificate may cost the account. */
  readonly maxFee: bigint;
  /** Expiry that the certificate will give the blob. */
  readonly expiryHeight: number;
  /** Last height of the reservation. */
  readonly until: number;
}

/** What a promise asks for. */
export interface ReservationRequest {
  readonly body: Pick<PromiseBody, 'blobId' | 'publisher' | 'maxFee' | 'expiryHeight'>;
  readonly committeeHash: Uint8Array;
  readonly peerId: string;
  readonly bytes: number;
  readonly until: number;
  /** What the account has, smallest units. */
  readonly balance: bigint;
}

/** What one call of `add` took. */
export interface Reserved {
  /** Gives it back. */
  release(): void;
  /** Holds it up to this height at least. */
  extend(until: number): void;
}

/** A blob whose certificate is waited for. */
export interface Waiting {
  readonly key: string;
  readonly blobId: Uint8Array;
  readonly expiryHeight: number;
}

/**
 * Bounds what peers and accounts can put on the disk before anyone has paid for it (PROTOCOL §3). An account's later promise for the
 * same rows takes the place of its earlier one: a publisher that begins again holds nothing twice.
 */
export class Reservations {
  readonly #held = new Map<string, Reservation>();

  /**
   * @throws BUSY when the peer or the account would hold too much; PROMISE when the account cannot pay for all that it has promised
   */
  add({ body, committeeHash, peerId, bytes, until, balance }: ReservationRequest): Reserved {
    const { blobId, publisher, maxFee, expiryHeight } = body;
    const account = toHex(publisher);
    const key = `${account} ${toHex(blobId)} ${toHex(committeeHash)}`;
    let [ofPeer, ofAccount, fees] = [bytes, bytes, maxFee];
    for (const [other, held] of this.#held) {
      if (other === key) continue;
      if (held.peerId === peerId) ofPeer += held.bytes;
      if (held.account === account) {
        ofAccount += held.bytes;
        fees += held.maxFee;
      }
    }
    const whose =
      ofPeer > MAX_RESERVED_BYTES_PER_PEER ? 'peer' : ofAccount > MAX_RESERVED_BYTES_PER_ACCOUNT ? 'account' : undefined;
    if (whose !== undefined) {
      const words = `this ${whose} has too many uncertified bytes here; have them certified, or try again later`;
      throw new PerigeeError('BUSY', words, { data: { ofPeer, ofAccount } });
    }
    if (balance < fees) {
      const words = `publisher has ${balance}, less than the fees of ${fees} that it promises for this blob and those under way`;
      throw new PerigeeError('PROMISE', words, { data: { balance: `${balance}`, fees: `${fees}` } });
    }
    const before = this.#held.get(key);
    let mine: Reservation = { blobId, peerId, account, bytes, maxFee, expiryHeight, until };
    this.#held.set(key, mine);
    return {
      release: () => {
        if (this.#held.get(key) !== mine) return;
        if (before === undefined) this.#held.delete(key);
        else this.#held.set(key, before);
      },
      extend: (height) => {
        if (this.#held.get(key) !== mine) return;
        mine = { ...mine, until: Math.max(mine.until, height) };
        this.#held.set(key, mine);
      },
    };
  }

  remove(key: string): void {
    this.#held.delete(key);
  }

  /** Forgets reservations whose time was over before `height`. */
  expire(height: number): void {
    for (const [key, { until }] of this.#held) if (until < height) this.#held.delete(key);
  }

  /** Up to `count` of the reservations, those first that were not given for longest. */
  next(count: number): Waiting[] {
    const some = [...this.#held].slice(0, count);
    for (const [key, reservation] of some) {
      this.#held.delete(key);
      this.#held.set(key, reservation);
    }
    return some.map(([key, { blobId, expiryHeight }]) => ({ key, blobId, expiryHeight }));
  }
}
