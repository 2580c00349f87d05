import { BLOB_HINT_HEADS, MAX_BLOB_HINTS_PER_HEAD, toHex } from '@perigee/wire';

/**
 * Blobs that peers spoke of. Of each peer only its last word is kept, and peers are heard in turn: one that names what does not exist takes
 * nobody else's place, and costs a bounded number of proofs a head.
 */
export class BlobHints {
  /** Newest first, by peer; the peer to hear next comes first. */
  readonly #byPeer = new Map<string, ReadonlyMap<string, Uint8Array>>();
  /** Heads at which a blob was looked up, and the last of them. */
  readonly #looks = new Map<string, { times: number; at: number }>();
  #height = 0;
  /** Lookups at this height so far. */
  #looked = 0;

  /** What a peer speaks of now, newest first. */
  note(peerId: string, blobIds: readonly Uint8Array[]): void {
    this.#byPeer.set(peerId, new Map(blobIds.map((blobId) => [toHex(blobId), blobId])));
    const spokenOf = new Set([...this.#byPeer.values()].flatMap((hints) => [...hints.keys()]));
    for (const key of this.#looks.keys()) if (!spokenOf.has(key)) this.#looks.delete(key);
  }

  /** A peer is gone or has lied. */
  forget(peerId: string): void {
    this.#byPeer.delete(peerId);
  }

  /**
   * What to look up now: each blob once a head, and BLOB_HINT_HEADS times at most.
   *
   * @param height of the head
   * @param isKnown tells of blobs (id in hexadecimal) that need not be looked up
   */
  next(height: number, isKnown: (key: string) => boolean): Uint8Array[] {
    if (height !== this.#height) {
      this.#height = height;
      this.#looked = 0;
      this.#rotate();
    }
    const out: Uint8Array[] = [];
    const turns = [...this.#byPeer.values()].map((hints) => hints.entries());
    while (turns.length > 0) {
      for (const turn of [...turns]) {
        const { value, done } = turn.next();
        if (done === true) turns.splice(turns.indexOf(turn), 1);
        if (done === true || isKnown(value[0]) || !this.#mayLook(value[0])) continue;
        if (this.#looked >= MAX_BLOB_HINTS_PER_HEAD) return out;
        this.#look(value[0]);
        out.push(value[1]);
      }
    }
    return out;
  }

  #mayLook(key: string): boolean {
    const look = this.#looks.get(key);
    return look === undefined || (look.at !== this.#height && look.times < BLOB_HINT_HEADS);
  }

  #look(key: string): void {
    this.#looked++;
    this.#looks.set(key, { times: (this.#looks.get(key)?.times ?? 0) + 1, at: this.#height });
  }

  #rotate(): void {
    const [first] = this.#byPeer;
    if (first === undefined) return;
    this.#byPeer.delete(first[0]);
    this.#byPeer.set(...first);
  }
}
