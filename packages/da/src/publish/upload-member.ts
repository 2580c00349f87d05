import type { Clock } from '@perigee/light-core/roles';
import { type Host, type KnownPeer, open, uploadProtocol } from '@perigee/net';
import { openRow } from '@perigee/wasm-codec';
import {
  type BlobPromise,
  type ErrorCode,
  MAX_IN_FLIGHT,
  MAX_REQUEST_ROW_BYTES,
  PerigeeError,
  type RowProof,
  UPLOAD_ATTEMPTS,
  UPLOAD_ATTEMPTS_ONCE_ANSWERED,
  UPLOAD_RETRY_MS,
  type UploadAnswer,
  type UploadRequest,
} from '@perigee/wire';
import type { ExtendedBlob } from '../codec/extended-blob.ts';

/** Refusals that may be over in a moment: a broken stream, a busy member, one that is a block behind. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BUSY',
  'COMMITTEE',
  'NOT_ENOUGH_ROWS',
  'NOT_FOUND',
  'PROMISE',
  'STORE_CORRUPT',
  'STREAM_CLOSED',
  'TIMEOUT',
  'UNREACHABLE',
]);

/** Rows in one request, bytes. The protocol takes four times as much; each is in memory several times on its way, for every member at once. */
const REQUEST_BYTES = MAX_REQUEST_ROW_BYTES / 4;

/** The rows of one member, and who takes them. */
export interface MemberUpload {
  /** Where it can be reached; asked again for each try, for a member that restarts may be somewhere else. */
  readonly peer: () => Promise<KnownPeer>;
  readonly promise: BlobPromise;
  readonly promiseId: Uint8Array;
  readonly blob: Omit<ExtendedBlob, 'release'>;
  /** Rows that are assigned to the member. */
  readonly indices: ArrayLike<number>;
  readonly signal: AbortSignal;
  /** Told of the bytes of rows that the member has by now, and of those that were sent to it for that. */
  readonly onProgress: (progress: { readonly takenBytes: number; readonly sentBytes: number }) => void;
}

/**
 * Hand a member its rows and get its signature. What may pass is tried again, from the start: the member skips what it has.
 *
 * @returns 64 bytes, not verified
 * @throws what the member, or the way to it, refused last
 */
export async function uploadToMember(host: Host, clock: Clock, upload: MemberUpload): Promise<Uint8Array> {
  let sentBytes = 0;
  let attempts = UPLOAD_ATTEMPTS;
  const onProgress = (takenBytes: number, moreBytes: number): void => {
    attempts = UPLOAD_ATTEMPTS_ONCE_ANSWERED;
    sentBytes += moreBytes;
    upload.onProgress({ takenBytes, sentBytes });
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await uploadOnce(host, upload, onProgress);
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (attempt >= attempts || upload.signal.aborted || !PASSING.has(error.code)) throw error;
      await clock.sleep(UPLOAD_RETRY_MS * attempt, upload.signal);
    }
  }
}

async function uploadOnce(
  host: Host,
  { peer, promise, promiseId, blob, indices, signal }: MemberUpload,
  onProgress: (takenBytes: number, moreBytes: number) => void,
): Promise<Uint8Array> {
  const client = open(host, await peer(), uploadProtocol);
  const ask = (request: UploadRequest): Promise<UploadAnswer> => client.callOne(request, { signal });
  const { rowRoot, rlcOriginal, rowSize } = blob;
  const wanted = wantedRows(indices, await ask({ open: { promise, prime: { rowRoot, rlcOriginal } } }));
  let taken = (indices.length - wanted.length) * rowSize;
  onProgress(taken, 0);
  const batches = batchesOf(blob, wanted);
  const sendSome = async (): Promise<void> => {
    for (const batch of batches) {
      await ask({ rows: { promiseId, rows: batch } });
      taken += batch.length * rowSize;
      onProgress(taken, batch.length * rowSize);
    }
  };
  await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, sendSome));
  const { signature } = await ask({ sign: promiseId });
  if (signature === undefined) throw new PerigeeError('REFUSED', `peer ${client.peerId} answered without a signature`);
  return signature;
}

/** Rows that the member does not say it has. A hint that does not add up is none: what it has it will skip. */
function wantedRows(indices: ArrayLike<number>, { missing, held }: UploadAnswer): number[] {
  const all = Array.from(indices);
  if (missing === 0) return [];
  if (held?.length !== Math.ceil(all.length / 8)) return all;
  const wanted = all.filter((_, i) => (((held[i >> 3] ?? 0) >> (i & 7)) & 1) === 0);
  return wanted.length === missing ? wanted : all;
}

/** Rows with their paths, opened as they are sent, in requests of at most REQUEST_BYTES. */
function* batchesOf(blob: MemberUpload['blob'], indices: readonly number[]): Generator<RowProof[], void, undefined> {
  const { k, n, rowSize, tree } = blob;
  const perRequest = Math.floor(REQUEST_BYTES / (rowSize + 32 * Math.log2(k + n)));
  for (let at = 0; at < indices.length; at += perRequest) {
    yield indices.slice(at, at + perRequest).map((index) => ({ index, row: blob.row(index), path: openRow(tree, index) }));
  }
}
