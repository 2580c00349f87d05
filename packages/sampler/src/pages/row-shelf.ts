import { MAX_SHELF_BYTES, type Prime, type RowProof } from '@perigee/wire';

/** Verified rows of one blob, and what they are verified against. */
interface Shelved {
  readonly rows: Map<number, RowProof>;
  prime: Prime | undefined;
  bytes: number;
}

/** Verified rows that lie ready for others, within a budget of memory: the blob used longest ago goes first. */
export class RowShelf {
  readonly #maxBytes: number;
  /** By blob id in hexadecimal, the one used last at the end. */
  readonly #blobs = new Map<string, Shelved>();
  #bytes = 0;

  constructor(maxBytes = MAX_SHELF_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param proof of a verified row; its bytes are copied */
  add(blobId: string, { index, row, path }: RowProof): void {
    const blob = this.#touch(blobId);
    if (blob.rows.has(index) || !this.#take(blobId, blob, row.length + path.length)) return;
    blob.rows.set(index, { index, row: row.slice(), path: path.slice() });
  }

  /** @param prime that holds; its bytes are copied */
  addPrime(blobId: string, { rowRoot, rlcOriginal }: Prime): void {
    const blob = this.#touch(blobId);
    if (blob.prime !== undefined || !this.#take(blobId, blob, rowRoot.length + rlcOriginal.length)) return;
    blob.prime = { rowRoot: rowRoot.slice(), rlcOriginal: rlcOriginal.slice() };
  }

  /** `undefined` where there is nothing of the blob. */
  get(blobId: string): { readonly rows: ReadonlyMap<number, RowProof>; readonly prime: Prime | undefined } | undefined {
    return this.#blobs.has(blobId) ? this.#touch(blobId) : undefined;
  }

  #touch(blobId: string): Shelved {
    const blob = this.#blobs.get(blobId) ?? { rows: new Map(), prime: undefined, bytes: 0 };
    this.#blobs.delete(blobId);
    this.#blobs.set(blobId, blob);
    return blob;
  }

  /** Makes room for bytes of one blob. @returns whether there is any without it */
  #take(blobId: string, blob: Shelved, bytes: number): boolean {
    for (const [oldest, { bytes: freed }] of this.#blobs) {
      if (this.#bytes + bytes <= this.#maxBytes || oldest === blobId) break;
      this.#blobs.delete(oldest);
      this.#bytes -= freed;
    }
    if (this.#bytes + bytes > this.#maxBytes) return false;
    blob.bytes += bytes;
    this.#bytes += bytes;
    return true;
  }
}
