import { MAX_RESERVED_BYTES_PER_ACCOUNT, MAX_RESERVED_BYTES_PER_PEER, PerigeeError, toHex } from '@perigee/wire';

/** Disk that a promise holds until its blob is certified or its time is over. */
interface Reservation {
  readonly blobId: Uint8Array;
  readonly peerId: string;
  readonly account: string;
  readonly bytes: number;
  /** Last height of the reservation. */
  readonly until: number;
}

/** Bounds what peers and accounts can put on the disk before anyone has paid for it (PROTOCOL §3). */
export class Reservations {
  readonly #byPromise = new Map<string, Reservation>();

  /**
   * @param promise promiseId, hexadecimal; one that is known already costs nothing more
   * @throws BUSY when the peer or the account would hold too much
   */
  add(promise: string, { publisher, ...rest }: Omit<Reservation, 'account'> & { readonly publisher: Uint8Array }): void {
    if (this.#byPromise.has(promise)) return;
    const added = { ...rest, account: toHex(publisher) };
    let [ofPeer, ofAccount] = [added.bytes, added.bytes];
    for (const { peerId, account, bytes } of this.#byPromise.values()) {
      if (peerId === added.peerId) ofPeer += bytes;
      if (account === added.account) ofAccount += bytes;
    }
    const whose =
      ofPeer > MAX_RESERVED_BYTES_PER_PEER ? 'peer' : ofAccount > MAX_RESERVED_BYTES_PER_ACCOUNT ? 'account' : undefined;
    if (whose !== undefined) {
      throw new PerigeeError(
        'BUSY',
        `this ${whose} has too many uncertified bytes here; have them certified, or try again later`,
        {
          data: { ofPeer, ofAccount },
        },
      );
    }
    this.#byPromise.set(promise, added);
  }

  remove(promise: string): void {
    this.#byPromise.delete(promise);
  }

  /** Forgets reservations whose time was over before `height`. */
  expire(height: number): void {
    for (const [promise, { until }] of this.#byPromise) if (until < height) this.#byPromise.delete(promise);
  }

  /** Up to `count` of the reservations, those first that were not given for longest. */
  next(count: number): { promise: string; blobId: Uint8Array }[] {
    const some = [...this.#byPromise].slice(0, count);
    for (const [promise, reservation] of some) {
      this.#byPromise.delete(promise);
      this.#byPromise.set(promise, reservation);
    }
    return some.map(([promise, { blobId }]) => ({ promise, blobId }));
  }
}
