import {
  type FileTree,
  fileGeometry,
  fileTreeOfSegments,
  HashTree,
  nobleFileHash,
  paddedSegmentChunks,
} from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES, HASH_PIECE_BYTES, PerigeeError } from '@perigee/wire';
import type { FileParts } from '../parts.ts';
import type { FileSource } from './source.ts';

export interface HashOptions extends Pick<FileParts, 'pool'> {
  readonly signal: AbortSignal;
  /** Bytes hashed so far. */
  readonly onHashed?: (bytes: number) => void;
}

/**
 * The tree of a file, read once, hashed by all workers of the pool; one piece for each of them, and one that is read meanwhile, are in memory.
 *
 * @throws INVALID_ARGUMENT for an empty file, ABORTED, REFUSED
 */
export async function hashSource(source: FileSource, { pool, signal, onHashed }: HashOptions): Promise<FileTree> {
  const { length } = source;
  const geometry = fileGeometry(length);
  const roots = new Uint8Array(32 * geometry.segments);
  const free: Uint8Array[] = [];
  const running = new Set<Promise<void>>();
  let last: Uint8Array | undefined;
  let hashed = 0;
  try {
    for (let at = 0; at < length; at += HASH_PIECE_BYTES) {
      if (signal.aborted) throw new PerigeeError('ABORTED', 'the upload was stopped');
      const size = Math.min(HASH_PIECE_BYTES, length - at);
      const spare = size === HASH_PIECE_BYTES ? free.pop() : undefined;
      const data = spare ?? new Uint8Array(size);
      await source.read(at, data);
      const first = at / FILE_SEGMENT_BYTES;
      const job = pool.run('roots', { length, first, data }, { transfer: [data.buffer as ArrayBuffer], signal }).then((done) => {
        roots.set(done.roots, 32 * first);
        last ??= done.last;
        free.push(done.data);
        hashed += size;
        onHashed?.(hashed);
      });
      const settled = job.finally(() => running.delete(settled));
      running.add(settled);
      if (running.size > pool.size) await Promise.race(running);
    }
    await Promise.all(running);
  } finally {
    await Promise.allSettled(running);
  }
  if (last === undefined) throw new PerigeeError('INTERNAL', 'the last segment was not hashed');
  const inner = new HashTree(last, paddedSegmentChunks(geometry, geometry.segments - 1));
  return fileTreeOfSegments(geometry, roots, inner, nobleFileHash);
}
