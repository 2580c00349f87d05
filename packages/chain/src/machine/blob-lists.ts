import { blobListKey, lastBlobListKey, STORE } from '@perigee/light-core/state';
import { BlobList, LastBlobList, toHex } from '@perigee/wire';
import type { StateView } from '../state/index.ts';

/** Blob of a recorded certificate, and the namespace that the certificate gives it. */
export interface ListedBlob {
  readonly namespace: Uint8Array;
  readonly blobId: Uint8Array;
}

/** Under which the blobs of all namespaces are listed; no namespace is empty. */
const ALL = new Uint8Array(0);

/**
 * List what a block recorded, under each namespace and for all together; each list names the height of the one before.
 *
 * @param blobs in the order of the block; one whose certificate was extended within the block may be there twice
 */
export function writeBlobLists(view: StateView, height: number, blobs: readonly ListedBlob[]): void {
  const lists = new Map<string, { namespace: Uint8Array; ids: Map<string, Uint8Array> }>();
  for (const { namespace: own, blobId } of blobs) {
    for (const namespace of [ALL, own]) {
      const name = toHex(namespace);
      const list = lists.get(name) ?? { namespace, ids: new Map() };
      lists.set(name, list);
      list.ids.set(toHex(blobId), blobId);
    }
  }
  for (const { namespace, ids } of lists.values()) {
    const last = view.get(STORE.da, lastBlobListKey(namespace));
    const previous = last === undefined ? 0 : LastBlobList.decode(last).height;
    view.set(STORE.da, blobListKey(namespace, height), BlobList.encode({ previous, blobIds: [...ids.values()] }));
    view.set(STORE.da, lastBlobListKey(namespace), LastBlobList.encode({ height }));
  }
}
