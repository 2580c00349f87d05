import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import { STORE, storedFileKey } from '@perigee/light-core/state';
import { blobIdOfTags, fileGeometry } from '@perigee/light-core/storage';
import { eitherSignal } from '@perigee/net';
import { type BlobRecord, equal, FILE_SEGMENT_BYTES, PerigeeError, StoredFile, toHex } from '@perigee/wire';
import { createPool, type WorkerLike } from '@perigee/workers';
import { SegmentFetch } from '../files/get/segment-fetch.ts';
import { createFilePool, type StoragePeers } from '../files/index.ts';
import type { RetrievedBlob, RetrieveOptions, RetrieveProgress } from '../requests.ts';
import type { Retriever } from './retriever.ts';
import { writeOut } from './write-out.ts';

export interface StoredRetrievalOptions extends Omit<RetrieveOptions, 'signal'> {
  /** Proved under a verified header. */
  readonly record: BlobRecord;
  readonly state: VerifiedState;
  readonly storage: StoragePeers;
  readonly spawn: () => WorkerLike;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * One blob from the file that it was handed over as, when its rows are gone: each segment is verified by the root that the chain has, and all of it encoded anew
 * and compared with the commitment. So its publisher's word is needed for nothing but where to look.
 *
 * @throws NOT_FOUND: the state has no such file, or the nodes together do not have it; COMMITMENT_MISMATCH: its publisher handed over something else;
 *   what the sink throws; ABORTED, UNPROVEN, OUT_OF_MEMORY, INTERNAL
 */
export async function retrieveStored(options: StoredRetrievalOptions): Promise<RetrievedBlob> {
  const { record, sink, clock, state, storage, spawn, onProgress } = options;
  const stop = new AbortController();
  const signal = eitherSignal(options.signal, stop.signal);
  const file = await fileOf(record, state, signal);
  const { segments } = fileGeometry(file.length);
  let [held, bytesIn] = [0, 0];
  const tell = (stage: RetrieveProgress['stage']): void => onProgress?.({ stage, rows: held, needed: segments, bytesIn });
  const worker = createPool<Retriever>({ spawn, size: 1 });
  const pool = createFilePool(1);
  try {
    tell('segments');
    const { blobId, k, n, rowSize, length, rowRoot } = record;
    await worker.run('begin', { blobId, k, n, rowSize, length, rowRoot }, { signal });
    await new SegmentFetch({
      state,
      storage,
      pool,
      clock,
      file,
      first: 0,
      count: segments,
      signal,
      onBytes: (count) => {
        bytesIn += count;
      },
      take: async ({ index, data }) => {
        await worker.run('put', { at: index * FILE_SEGMENT_BYTES, data }, { transfer: [data.buffer as ArrayBuffer], signal });
        held += 1;
        tell('segments');
      },
    }).run();
    tell('compare');
    await worker.run('encode', undefined, { signal });
    const sha256 = worker.run('digest', undefined, { signal });
    sha256.catch(() => {}); // awaited below, unless the sink fails first
    await writeOut(worker, length, { sink, signal, onPiece: () => tell('write') });
    const found = await sha256;
    await sink.close();
    tell('done');
    return { blobId: toHex(blobId), length, sha256: found, rows: 0, originals: 0, segments, bytesIn };
  } finally {
    stop.abort();
    await Promise.all([worker.close(), pool.close()]);
  }
}

/** @throws NOT_FOUND, and what the state throws */
async function fileOf({ blobId, length, storedAs }: BlobRecord, state: VerifiedState, signal: AbortSignal): Promise<StoredFile> {
  const raw = storedAs === undefined ? undefined : await state.get(STORE.storage, storedFileKey(storedAs), { signal });
  const file = raw && StoredFile.decodeCanonical(raw);
  const named = file && blobIdOfTags(file.tags);
  if (file === undefined || named === undefined || !equal(named, blobId) || file.length !== length) {
    throw new PerigeeError('NOT_FOUND', `blob ${toHex(blobId)} is not stored as a file that the chain knows`);
  }
  return file;
}
