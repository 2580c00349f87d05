import type { FileSource } from '../put/source.ts';
import type { FolderEntry } from './folder-entry.ts';

/** An entry as a source: open while it is used. */
export async function withEntry<T>(entry: FolderEntry, use: (source: FileSource) => Promise<T>): Promise<T> {
  const source = await entry.open();
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** Several entries, one after another, as one source. Of it only what is read is open. */
export function packSource(entries: readonly FolderEntry[]): FileSource {
  const starts: number[] = [];
  let length = 0;
  for (const { size } of entries) {
    starts.push(length);
    length += size;
  }
  return {
    length,
    async read(at, into) {
      const end = at + into.length;
      for (const [i, entry] of entries.entries()) {
        const start = starts[i] ?? 0;
        const [from, to] = [Math.max(at, start), Math.min(end, start + entry.size)];
        if (from < to) await withEntry(entry, (source) => source.read(from - start, into.subarray(from - at, to - at)));
      }
    },
  };
}
