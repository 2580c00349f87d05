import { ChainView } from '@perigee/light-core/da';
import { limitedSignal } from '@perigee/net/abort';
import { AUDIT_FETCH_MS, commitmentOf, concatAll, fromHex, MAX_RECEIPT_BYTES, PerigeeError } from '@perigee/wire';
import type { LightNode } from '../light-node.ts';

/** What fetches blobs, and proves what the chain says of them. */
export type BlobNode = Pick<LightNode, 'chain' | 'retrieve'>;

/**
 * A blob that may be a receipt, in memory. What the chain says of it is looked at before a byte of it is asked for.
 *
 * @param blobId hexadecimal
 * @param onBytes told how many bytes came, rows and paths, also where it fails
 * @throws BLOB_VERSION, NOT_FOUND, BLOB_EXPIRED; PARSE when it is longer than a receipt may be; TIMEOUT after AUDIT_FETCH_MS; what `retrieve` throws; ABORTED
 */
export async function wholeBlob(
  node: BlobNode,
  blobId: string,
  { signal, onBytes = () => {} }: { readonly signal: AbortSignal; readonly onBytes?: (count: number) => void },
): Promise<Uint8Array> {
  const id = fromHex(blobId, 33);
  commitmentOf(id);
  const until = limitedSignal(signal, AUDIT_FETCH_MS);
  const view = new ChainView(node.chain);
  const record = await view.record(id, until);
  if (record === undefined) throw new PerigeeError('NOT_FOUND', `the chain has no blob ${blobId}`);
  if (record.length > MAX_RECEIPT_BYTES) {
    throw new PerigeeError('PARSE', `the blob has ${record.length} bytes; a receipt has at most ${MAX_RECEIPT_BYTES}`);
  }
  // a file that it was handed over as would come from elsewhere, and need not be waited for
  if (record.expiryHeight < view.head().height) {
    throw new PerigeeError('BLOB_EXPIRED', `the blob expired at height ${record.expiryHeight}`);
  }
  const pieces: Uint8Array[] = [];
  const sink = {
    write: async (bytes: Uint8Array) => void pieces.push(bytes),
    close: async () => {},
    abort: async () => {},
  };
  let came = 0;
  try {
    await node.retrieve(blobId, {
      sink,
      signal: until,
      onProgress: ({ bytesIn }) => {
        came = bytesIn;
      },
    });
  } catch (thrown) {
    const error = PerigeeError.from(thrown);
    if (error.code === 'ABORTED' && until.aborted && !signal.aborted) {
      throw new PerigeeError('TIMEOUT', `the blob could not be fetched in ${AUDIT_FETCH_MS / 1_000} s`, { cause: thrown });
    }
    throw error;
  } finally {
    onBytes(came);
  }
  return concatAll(pieces);
}
