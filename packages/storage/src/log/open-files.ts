import type { SegmentFile } from './segment-file.ts';

/** Files that are kept open. */
const MAX_OPEN = 16;

interface Open {
  readonly file: Promise<SegmentFile>;
  /** Reads under way. */
  users: number;
  /** Closed after the last of them. */
  dropped: boolean;
}

/**
 * Files that were read last, kept open: who downloads asks for one segment after another, and to open, to read the header and to close took longer than to
 * read a segment. One that has been taken from its folder is not read any more.
 */
export class OpenFiles {
  /** By path; the one used last is at the end. */
  readonly #open = new Map<string, Open>();
  readonly #closing = new Set<Promise<void>>();

  /** @param open called where the file is not open. @throws what `open` and `read` throw */
  async read<T>(path: string, open: () => Promise<SegmentFile>, read: (file: SegmentFile) => Promise<T>): Promise<T> {
    const entry = await this.#take(path, open);
    try {
      return await read(await entry.file);
    } catch (error) {
      this.#drop(path, entry);
      throw error;
    } finally {
      entry.users--;
      this.#closeUnused(entry);
    }
  }

  /** The next read opens it anew: what is there may be another file, or damaged. */
  drop(path: string): void {
    const entry = this.#open.get(path);
    if (entry !== undefined) this.#drop(path, entry);
  }

  /** Resolves when all are closed; nothing may be read meanwhile. */
  async close(): Promise<void> {
    for (const [path, entry] of this.#open) this.#drop(path, entry);
    await Promise.all(this.#closing);
  }

  async #take(path: string, open: () => Promise<SegmentFile>): Promise<Open> {
    let entry = this.#open.get(path);
    if (entry !== undefined) {
      entry.users++;
      const file = await entry.file.catch(() => undefined); // whoever opened it hears why it failed
      if (file?.isThere === true) {
        if (this.#open.get(path) === entry) {
          this.#open.delete(path);
          this.#open.set(path, entry);
        }
        return entry;
      }
      entry.users--;
      this.#drop(path, entry);
    }
    entry = { file: open(), users: 1, dropped: false };
    this.#open.set(path, entry);
    for (const [oldest, unused] of this.#open) {
      if (this.#open.size <= MAX_OPEN) break;
      this.#drop(oldest, unused);
    }
    return entry;
  }

  #drop(path: string, entry: Open): void {
    if (this.#open.get(path) === entry) this.#open.delete(path);
    entry.dropped = true;
    this.#closeUnused(entry);
  }

  #closeUnused(entry: Open): void {
    if (!entry.dropped || entry.users > 0) return;
    const closing: Promise<void> = entry.file
      .then((file) => file.close())
      .catch(() => {}) // it was never open, or only read
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
