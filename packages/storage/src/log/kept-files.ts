import { toHex } from '@perigee/wire';
import type { KeptFile } from './kept-file.ts';

/** The submissions that a log knows: by number, by data root, and those of which segments are missing. */
export class KeptFiles {
  readonly #all = new Map<number, KeptFile>();
  /** Numbers by data root (hexadecimal), ascending. */
  readonly #byRoot = new Map<string, number[]>();
  readonly #unfinished = new Map<number, KeptFile>();

  add(kept: KeptFile): void {
    const { txSeq, root } = kept.file;
    this.#all.set(txSeq, kept);
    const key = toHex(root);
    this.#byRoot.set(
      key,
      [...(this.#byRoot.get(key) ?? []), txSeq].sort((a, b) => a - b),
    );
    this.setFinalized(kept, kept.finalized);
  }

  get(txSeq: number): KeptFile | undefined {
    return this.#all.get(txSeq);
  }

  /** Numbers of the submissions with this data root, ascending. */
  ofRoot(root: Uint8Array): readonly number[] {
    return this.#byRoot.get(toHex(root)) ?? [];
  }

  /** All of them, as they were added. */
  values(): IterableIterator<KeptFile> {
    return this.#all.values();
  }

  setFinalized(kept: KeptFile, finalized: boolean): void {
    kept.finalized = finalized;
    if (finalized) this.#unfinished.delete(kept.file.txSeq);
    else this.#unfinished.set(kept.file.txSeq, kept);
  }

  /** Those that are not finalized, of this number or a later one, up to `count`. */
  unfinished(count: number, from: number): KeptFile[] {
    const found: KeptFile[] = [];
    for (const [txSeq, kept] of this.#unfinished) {
      if (found.length >= count) break;
      if (txSeq >= from) found.push(kept);
    }
    return found;
  }
}
