import type { PrimedBlob } from './types.ts';

/** Primed blobs by name, of which those used last are kept: as many as fit a number of bytes of kernel memory, and at least one. */
export class PrimedCache {
  readonly #limit: number;
  readonly #blobs = new Map<string, PrimedBlob>();
  #bytes = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of kernel memory that its blobs hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The blob, which is now the one used last. */
  get(name: string): PrimedBlob | undefined {
    const blob = this.#blobs.get(name);
    if (blob === undefined) return undefined;
    this.#blobs.delete(name);
    this.#blobs.set(name, blob);
    return blob;
  }

  /** Takes a blob over, in place of one of that name; those that were not used for longest are freed to make room. */
  add(name: string, blob: PrimedBlob): void {
    this.delete(name);
    for (const oldest of this.#blobs.keys()) {
      if (this.#bytes + blob.bytes <= this.#limit) break;
      this.delete(oldest);
    }
    this.#blobs.set(name, blob);
    this.#bytes += blob.bytes;
  }

  /** Frees the blob, if there is one. */
  delete(name: string): void {
    const blob = this.#blobs.get(name);
    if (blob === undefined) return;
    this.#blobs.delete(name);
    this.#bytes -= blob.bytes;
    blob.free();
  }
}
