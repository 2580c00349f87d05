import { PerigeeError } from '@perigee/wire';

const PAGE_BYTES = 65_536;
const ALIGN_BYTES = 64;

/**
 * First-fit allocator over the linear memory of one kernel, from the end of its own data to a bound. Its books are kept outside
 * that memory, so no kernel call can damage them.
 */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  readonly #limit: number;
  readonly #taken = new Map<number, number>();
  /** Free ranges below `#top`, ascending, never touching each other. */
  #free: { start: number; end: number }[] = [];
  #top: number;

  /** @param limit address that no allocation may pass, bytes */
  constructor(memory: WebAssembly.Memory, base: number, limit: number) {
    this.#memory = memory;
    this.#top = align(base);
    this.#limit = limit;
  }

  /** Bytes in use, rounded up to the alignment of each block. */
  get used(): number {
    let sum = 0;
    for (const size of this.#taken.values()) sum += size;
    return sum;
  }

  /**
   * @returns address of `bytes` bytes, a multiple of 64; what they hold is undefined
   * @throws OUT_OF_MEMORY
   */
  allocate(bytes: number): number {
    const size = Math.max(align(bytes), ALIGN_BYTES);
    const at = this.#free.findIndex((range) => range.end - range.start >= size);
    const range = this.#free[at];
    let address: number;
    if (range !== undefined) {
      address = range.start;
      range.start += size;
      if (range.start === range.end) this.#free.splice(at, 1);
    } else {
      const last = this.#free.at(-1);
      address = last?.end === this.#top ? last.start : this.#top;
      this.#growTo(address + size);
      if (address !== this.#top) this.#free.pop();
      this.#top = address + size;
    }
    this.#taken.set(address, size);
    return address;
  }

  /** Give back what `allocate` returned. */
  free(address: number): void {
    const size = this.#taken.get(address);
    if (size === undefined)
      throw new PerigeeError('INTERNAL', `kernel memory at ${address} was not allocated or was freed before`);
    this.#taken.delete(address);
    const end = address + size;
    let at = this.#free.findIndex((range) => range.start > address);
    if (at === -1) at = this.#free.length;
    this.#free.splice(at, 0, { start: address, end });
    this.#merge(at);
    this.#merge(at - 1);
    const last = this.#free.at(-1);
    if (last?.end === this.#top) {
      this.#top = last.start;
      this.#free.pop();
    }
  }

  #merge(at: number): void {
    const left = this.#free[at];
    const right = this.#free[at + 1];
    if (left === undefined || right === undefined || left.end !== right.start) return;
    left.end = right.end;
    this.#free.splice(at + 1, 1);
  }

  #growTo(end: number): void {
    const have = this.#memory.buffer.byteLength;
    if (end <= have) return;
    if (end <= this.#limit) {
      try {
        this.#memory.grow(Math.ceil((end - have) / PAGE_BYTES));
        return;
      } catch {
        // the engine has no more to give
      }
    }
    throw new PerigeeError(
      'OUT_OF_MEMORY',
      `the codec needs ${end} bytes of memory and may have ${this.#limit}; free primed blobs or use smaller rows`,
      { data: { needed: end, limit: this.#limit } },
    );
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
}
