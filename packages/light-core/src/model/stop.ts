/** Ends a text before any of some words, which may come in parts. */
import { MAX_STOP_BYTES, MAX_STOP_TEXTS, PerigeeError } from '@perigee/wire';

/** @throws INVALID_ARGUMENT */
export function checkStops(stops: readonly Uint8Array[]): void {
  if (stops.length > MAX_STOP_TEXTS)
    throw new PerigeeError('INVALID_ARGUMENT', `${stops.length} stops were given, and ${MAX_STOP_TEXTS} are allowed`);
  if (stops.some(({ length }) => length === 0 || length > MAX_STOP_BYTES))
    throw new PerigeeError('INVALID_ARGUMENT', `a stop has 1 to ${MAX_STOP_BYTES} bytes`);
}

export class StopFilter {
  readonly #stops: readonly Uint8Array[];
  #held: number[] = [];

  constructor(stops: readonly Uint8Array[]) {
    this.#stops = stops;
  }

  /** @returns what can be said already, and whether a stop came after it */
  add(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly stopped: boolean } {
    this.#held.push(...bytes);
    for (let from = 0; from < this.#held.length; from++) {
      const fits = this.#stops.filter((stop) => this.#beginsWith(stop, from));
      if (fits.length === 0) continue;
      const stopped = fits.some((stop) => this.#isAt(stop, from));
      return { bytes: this.#take(from), stopped };
    }
    return { bytes: this.#take(this.#held.length), stopped: false };
  }

  /** What was held back, now that no more comes. @returns as `add` */
  rest(): { readonly bytes: Uint8Array; readonly stopped: boolean } {
    const from = this.#held.findIndex((_, i) => this.#stops.some((stop) => this.#isAt(stop, i)));
    return { bytes: this.#take(from < 0 ? this.#held.length : from), stopped: from >= 0 };
  }

  /** As far as there are bytes. */
  #beginsWith(stop: Uint8Array, from: number): boolean {
    return stop.every((byte, i) => from + i >= this.#held.length || this.#held[from + i] === byte);
  }

  #isAt(stop: Uint8Array, from: number): boolean {
    return from + stop.length <= this.#held.length && this.#beginsWith(stop, from);
  }

  #take(count: number): Uint8Array {
    return Uint8Array.from(this.#held.splice(0, count));
  }
}
