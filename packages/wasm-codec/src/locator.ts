import { MAX_LOCATOR_CACHE_BYTES } from '@perigee/wire';
import type { Kernel } from './kernel.ts';

/**
 * Logarithms of the error locator at all positions of a code. They depend on which positions are erased alone, and a reader that
 * loses the same peers asks for the same ones again: the last patterns are kept, the one used last at the end.
 */
export class Locators {
  readonly #kernel: Kernel;
  readonly #known = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** @param erased 1 where a position is erased, else 0; its length is a power of two. Writes 2 bytes for each position to `out`. */
  write(erased: Uint8Array, out: number): void {
    const key = keyOf(erased);
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
      this.#kernel.write(out, known);
      return;
    }
    const made = this.#kernel.scratch((allocate) => {
      const work = allocate(2 * erased.length);
      this.#kernel.write(out, new Uint8Array(Uint16Array.from(erased).buffer)); // little-endian, as WebAssembly and all its engines are
      this.#kernel.call.decode_locator(this.#kernel.field, out, work, erased.length);
      return this.#kernel.read(out, 2 * erased.length);
    });
    const size = made.length + key.length;
    if (size > MAX_LOCATOR_CACHE_BYTES) return;
    this.#known.set(key, made);
    this.#bytes += size;
    for (const [oldest, bytes] of this.#known) {
      if (this.#bytes <= MAX_LOCATOR_CACHE_BYTES) break;
      this.#known.delete(oldest);
      this.#bytes -= bytes.length + oldest.length;
    }
  }
}

/** One bit a position, eight to a character. */
function keyOf(erased: Uint8Array): string {
  const parts: string[] = [];
  const codes = new Uint8Array(1_024);
  for (let at = 0; at < erased.length; ) {
    let length = 0;
    for (; length < codes.length && at < erased.length; length++) {
      let byte = 0;
      for (let bit = 0; bit < 8 && at < erased.length; bit++, at++) byte |= (erased[at] ?? 0) << bit;
      codes[length] = byte;
    }
    parts.push(String.fromCharCode(...codes.subarray(0, length)));
  }
  return `${erased.length}:${parts.join('')}`;
}
