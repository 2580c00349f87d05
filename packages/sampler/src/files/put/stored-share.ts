import { fileGeometry } from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES } from '@perigee/wire';
import type { UploadProgress } from './upload.ts';

/**
 * How much of several files is stored, of the bytes of all of them. Which nodes take a file, and so how many segments they are to have, is known only
 * when it is under way, and changes where one is lost: a file counts by the largest part of it that ever was stored.
 */
export class StoredShare {
  readonly #lengths: readonly number[];
  readonly #replicas: number;
  readonly #shares = new Map<number, number>();

  /** @param lengths of the files, bytes @param replicas nodes that shall have each segment */
  constructor(lengths: readonly number[], replicas: number) {
    this.#lengths = lengths;
    this.#replicas = replicas;
  }

  /** @param at which file @param progress all of it once nodes say that they have it */
  note(at: number, progress: Pick<UploadProgress, 'storedBytes' | 'storeBytes'> | 'all'): void {
    this.#shares.set(at, Math.max(this.#shares.get(at) ?? 0, progress === 'all' ? 1 : this.#shareOf(at, progress)));
  }

  get bytes(): { readonly storedBytes: number; readonly storeBytes: number } {
    const sum = (part: (length: number, at: number) => number): number =>
      this.#replicas * this.#lengths.reduce((bytes, length, at) => bytes + part(length, at), 0);
    return {
      storedBytes: Math.round(sum((length, at) => length * (this.#shares.get(at) ?? 0))),
      storeBytes: sum((length) => length),
    };
  }

  #shareOf(at: number, { storedBytes, storeBytes }: Pick<UploadProgress, 'storedBytes' | 'storeBytes'>): number {
    // as long as too few nodes are known, what they are to have is not all that is to be stored
    const least = this.#replicas * fileGeometry(this.#lengths[at] ?? 0).segments * FILE_SEGMENT_BYTES;
    return Math.min(1, storedBytes / Math.max(storeBytes, least));
  }
}
