import { fileGeometry, segmentBytes } from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES, PART_FLUSH_BYTES, PerigeeError, type StoredFile } from '@perigee/wire';
import { free } from '@perigee/workers';
import type { FileParts } from '../parts.ts';
import type { PartialPlace } from '../random-file.ts';
import type { GetProgress } from '../requests.ts';
import { PartNotes } from './part-notes.ts';
import { SegmentFetch } from './segment-fetch.ts';

/** Segments that are read back and checked at once. */
const CHECKS_AT_ONCE = 8;

export interface DownloadOptions extends FileParts {
  /** Proved under a verified header. */
  readonly file: StoredFile;
  readonly place: PartialPlace;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: GetProgress) => void;
}

/**
 * Fetches a file to a place where some of it may be already: what is there is checked again, the rest is asked for, and each segment is verified before it
 * is written. When this resolves, the place holds the file and nothing else; it is the caller's to finish or to close it.
 *
 * @throws NOT_FOUND, ABORTED, STORE_FULL, INTERNAL
 */
export async function download(options: DownloadOptions): Promise<GetProgress> {
  const { file, place, signal, onProgress } = options;
  const geometry = fileGeometry(file.length);
  const notes = await PartNotes.open(place.notes, file);
  const there = new Set<number>();
  const byPeer = new Map<string, number>();
  let bytesIn = 0;
  let verifiedBytes = 0;
  const progress = (stage: GetProgress['stage']): GetProgress => ({
    stage,
    verifiedBytes,
    totalBytes: file.length,
    bytesIn,
    resumedBytes,
    byPeer: [...byPeer],
  });
  let resumedBytes = 0;
  const tell = (stage: GetProgress['stage']): void => onProgress?.(progress(stage));

  tell('check');
  await checkAgain(options, notes, (index, bytes) => {
    there.add(index);
    resumedBytes += bytes;
    verifiedBytes += bytes;
    tell('check');
  });

  let unflushed = 0;
  let flushing = Promise.resolve();
  const flush = (): Promise<void> => {
    unflushed = 0;
    flushing = flushing.then(async () => {
      await place.data.flush();
      await notes.flush();
    });
    return flushing;
  };
  tell('fetch');
  try {
    await new SegmentFetch({
      ...options,
      first: 0,
      count: geometry.segments,
      isThere: (index) => there.has(index),
      signal,
      onBytes: (count) => {
        bytesIn += count;
      },
      take: async ({ index, data, proof, peerId }) => {
        const { length } = data;
        await place.data.write(index * FILE_SEGMENT_BYTES, data);
        free(data.buffer as ArrayBuffer);
        notes.add(index, proof);
        verifiedBytes += length;
        unflushed += length;
        byPeer.set(peerId, (byPeer.get(peerId) ?? 0) + length);
        tell('fetch');
        if (unflushed >= PART_FLUSH_BYTES) await flush();
      },
    }).run();
  } catch (error) {
    await flush().catch(() => {}); // why it failed before is what counts
    throw error;
  }
  await flushing;
  await place.data.truncate(file.length);
  await place.data.flush();
  tell('done');
  return progress('done');
}

/** Reads again what is noted as there, and tells of what holds. */
async function checkAgain(
  { file, place, pool, signal }: DownloadOptions,
  notes: PartNotes,
  onThere: (index: number, bytes: number) => void,
): Promise<void> {
  const { root, length } = file;
  const geometry = fileGeometry(length);
  const checks = new Set<Promise<void>>();
  try {
    for await (const { index, proof } of notes.list()) {
      if (signal.aborted) throw new PerigeeError('ABORTED', 'the download was stopped');
      const data = new Uint8Array(segmentBytes(geometry, index));
      const end = Math.min(data.length, length - index * FILE_SEGMENT_BYTES);
      await place.data.read(index * FILE_SEGMENT_BYTES, data.subarray(0, end)); // what is not there is zeros, which do not hold
      const check = pool
        .run('verify', { file: { root, length }, answer: { index, data, proof } }, { transfer: [data.buffer], signal })
        .then(
          () => onThere(index, end),
          (error: PerigeeError) => {
            if (error.code !== 'FILE_PROOF') throw error;
          },
        )
        .finally(() => checks.delete(check));
      checks.add(check);
      if (checks.size >= CHECKS_AT_ONCE) await Promise.race(checks);
    }
    await Promise.all(checks);
  } finally {
    await Promise.allSettled(checks);
  }
}
