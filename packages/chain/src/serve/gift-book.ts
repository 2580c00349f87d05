import { FAUCET_GIFTS_PER_PEER, FAUCET_WINDOW_MS, PerigeeError } from '@perigee/wire';

/** A gift that was given, or is about to be. */
export interface Gift {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Hexadecimal. */
  readonly address: string;
  readonly peerId: string;
}

/** Remembers the gifts of the last hour, and refuses what would be one too many. */
export class GiftBook {
  readonly #now: () => number;
  readonly #mostGifts: number;
  /** In order of time; at most `#mostGifts`. */
  #gifts: Gift[] = [];

  /** @param mostGifts in FAUCET_WINDOW_MS, over all addresses and peers */
  constructor(now: () => number, mostGifts: number) {
    this.#now = now;
    this.#mostGifts = mostGifts;
  }

  /**
   * Write a gift down before it is given, so that no second one is promised meanwhile.
   *
   * @throws REFUSED with the time to wait
   */
  enter(address: string, peerId: string): Gift {
    const now = this.#now();
    this.#gifts = this.#gifts.filter(({ at }) => now - at < FAUCET_WINDOW_MS);
    const ofPeer = this.#gifts.filter((gift) => gift.peerId === peerId);
    const own = this.#gifts.find((gift) => gift.address === address);
    if (own !== undefined) throw tooMany(`account ${address} had its gift`, own, now);
    const [first] = this.#gifts;
    if (first !== undefined && this.#gifts.length >= this.#mostGifts)
      throw tooMany(`the faucet gave ${this.#mostGifts} gifts, as many as it may`, first, now);
    const [firstOfPeer] = ofPeer;
    if (firstOfPeer !== undefined && ofPeer.length >= FAUCET_GIFTS_PER_PEER)
      throw tooMany(`you were given ${FAUCET_GIFTS_PER_PEER} gifts, as many as one peer may`, firstOfPeer, now);
    const gift = { at: now, address, peerId };
    this.#gifts.push(gift);
    return gift;
  }

  /** Take a gift out again that could not be given. */
  strike(gift: Gift): void {
    this.#gifts = this.#gifts.filter((other) => other !== gift);
  }
}

/** @param gift whose hour must be over before there is another */
function tooMany(what: string, gift: Gift, now: number): PerigeeError {
  const seconds = Math.ceil((gift.at + FAUCET_WINDOW_MS - now) / 1_000);
  return new PerigeeError('REFUSED', `${what}; ask again in ${seconds} seconds`, { data: { seconds } });
}
