import { PerigeeError } from '@perigee/wire';

interface Waiting {
  readonly bytes: number;
  readonly owner: string;
  readonly enter: () => void;
}

export interface RoomOptions {
  readonly total: number;
  /** What one owner may hold of it. */
  readonly perOwner?: number;
}

/** Memory that is given out before it is used. Who finds none left waits, in the order in which they came. */
export class Room {
  readonly #total: number;
  readonly #perOwner: number;
  readonly #ofOwner = new Map<string, number>();
  #waiting: Waiting[] = [];
  #used = 0;

  constructor({ total, perOwner = total }: RoomOptions) {
    this.#total = total;
    this.#perOwner = perOwner;
  }

  get used(): number {
    return this.#used;
  }

  /**
   * @param bytes at most what one owner may hold
   * @returns gives it back; calling it again does nothing
   * @throws ABORTED when the signal fires first
   */
  async take(bytes: number, owner: string, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw aborted();
    await new Promise<void>((resolve, reject) => {
      const one: Waiting = {
        bytes,
        owner,
        enter: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== one);
        reject(aborted());
        this.#admit();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(one);
      this.#admit();
    });
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#hold(-bytes, owner);
      this.#admit();
    };
  }

  /** One owner's full part holds up no other; but nobody passes one who waits for what is everybody's, or the largest would wait for ever. */
  #admit(): void {
    const full = new Set<string>();
    const left: Waiting[] = [];
    let isFull = false;
    for (const one of this.#waiting) {
      const { bytes, owner, enter } = one;
      if (isFull || full.has(owner) || !this.#fits(bytes, owner)) {
        left.push(one);
        full.add(owner);
        isFull ||= this.#used + bytes > this.#total;
        continue;
      }
      this.#hold(bytes, owner);
      enter();
    }
    this.#waiting = left;
  }

  #fits(bytes: number, owner: string): boolean {
    return this.#used + bytes <= this.#total && (this.#ofOwner.get(owner) ?? 0) + bytes <= this.#perOwner;
  }

  #hold(bytes: number, owner: string): void {
    this.#used += bytes;
    const held = (this.#ofOwner.get(owner) ?? 0) + bytes;
    if (held === 0) this.#ofOwner.delete(owner);
    else this.#ofOwner.set(owner, held);
  }
}

function aborted(): PerigeeError {
  return new PerigeeError('ABORTED', 'nobody waits for room any more');
}
