/** How a submission says that it is a blob, which storage nodes take over from data availability. */
import { concat, equal, utf8 } from '@perigee/wire';

const LABEL = utf8('perigee/blob/v0');
const BLOB_ID_BYTES = 33;

/** Tags of the submission that hands a blob over. @param blobId 33 bytes */
export function blobTags(blobId: Uint8Array): Uint8Array {
  return concat(LABEL, blobId);
}

/** Id of the blob that tags name; `undefined` when they say something else. */
export function blobIdOfTags(tags: Uint8Array): Uint8Array | undefined {
  if (tags.length !== LABEL.length + BLOB_ID_BYTES || !equal(tags.subarray(0, LABEL.length), LABEL)) return undefined;
  return tags.slice(LABEL.length);
}
