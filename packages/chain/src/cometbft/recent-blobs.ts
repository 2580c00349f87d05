import { blobListKey, lastBlobListKey, STORE } from '@perigee/light-core/state';
import { BlobList, LastBlobList, toHex } from '@perigee/wire';

/** Blobs that are told of as the last ones. */
const RECENT = 16;
/** The lists of all namespaces together. */
const ALL = new Uint8Array(0);

/**
 * The blobs recorded last, as the lists in the state name them.
 *
 * @param read a value of the state
 * @returns ids, newest first, each once
 */
export function recentBlobs(read: (store: string, key: Uint8Array) => Uint8Array | undefined): readonly Uint8Array[] {
  const last = read(STORE.da, lastBlobListKey(ALL));
  const found = new Map<string, Uint8Array>();
  for (let height = last === undefined ? 0 : LastBlobList.decode(last).height; height > 0 && found.size < RECENT; ) {
    const raw = read(STORE.da, blobListKey(ALL, height));
    if (raw === undefined) break;
    const { previous, blobIds } = BlobList.decode(raw);
    for (const id of [...blobIds].reverse()) if (!found.has(toHex(id))) found.set(toHex(id), id);
    height = previous;
  }
  return [...found.values()].slice(0, RECENT);
}
