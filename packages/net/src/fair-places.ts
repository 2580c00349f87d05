import { placeOf } from './place.ts';

/** Who takes a place, in the words of a `RequestContext`. */
export interface Asker {
  readonly peerId: string;
  readonly remoteAddress: string;
}

interface Held {
  readonly peerId: string;
  /** Where the peer is, as far as it cannot choose that. */
  readonly network: string;
  readonly onLost: () => void;
}

/**
 * Places for requests of strangers, who may read their answers as slowly as they like. When all are taken, whoever comes takes one of those who have more:
 * of the network that has most, or in its own of the peer that has most. Identities are free, so peers of one network count together.
 */
export class FairPlaces {
  readonly #places: number;
  readonly #perPeer: number;
  /** The one held longest comes first. */
  readonly #held = new Set<Held>();

  /** @param perPeer most that one peer has, whether others wait or not */
  constructor(places: number, perPeer = places) {
    this.#places = places;
    this.#perPeer = perPeer;
  }

  /**
   * @param onLost called when the place was given to somebody else: what is done in it is to end
   * @returns gives the place back, also after it was lost; `undefined` when the peer has as many as one may, or nobody so many that one could be taken
   */
  take({ peerId, remoteAddress }: Asker, onLost: () => void): (() => void) | undefined {
    if ([...this.#held].filter((held) => held.peerId === peerId).length >= this.#perPeer) return undefined;
    const mine: Held = { peerId, network: placeOf(remoteAddress), onLost };
    if (this.#held.size >= this.#places) {
      const other = this.#tooMuch(mine);
      if (other === undefined) return undefined;
      this.#held.delete(other);
      other.onLost();
    }
    this.#held.add(mine);
    return () => {
      this.#held.delete(mine);
    };
  }

  /** One of those who would still have as many after it was taken from them. */
  #tooMuch(mine: Held): Held | undefined {
    const all = [...this.#held];
    const network = largest(all, mine, (held) => held.network);
    const ofNetwork = all.filter((held) => held.network === (network ?? mine.network));
    const peer = largest(ofNetwork, mine, (held) => held.peerId);
    if (network === undefined && peer === undefined) return undefined;
    return ofNetwork.find((held) => held.peerId === (peer ?? held.peerId));
  }
}

/** Name of those who have most, if it is two more than the one who comes has. */
function largest(all: readonly Held[], mine: Held, nameOf: (held: Held) => string): string | undefined {
  const counts = new Map<string, number>();
  for (const held of all) counts.set(nameOf(held), (counts.get(nameOf(held)) ?? 0) + 1);
  const [name, most] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  return most >= (counts.get(nameOf(mine)) ?? 0) + 2 ? name : undefined;
}
