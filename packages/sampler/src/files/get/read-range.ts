import { eitherSignal } from '@perigee/net';
import { FETCH_AHEAD_SEGMENTS, FILE_SEGMENT_BYTES, PerigeeError, type StoredFile } from '@perigee/wire';
import type { FileParts } from '../parts.ts';
import { SegmentFetch, type VerifiedSegment } from './segment-fetch.ts';

/** Bytes `from` to `to − 1`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface RangeOptions extends FileParts {
  /** Proved under a verified header. */
  readonly file: StoredFile;
  readonly range: ByteRange;
  readonly signal: AbortSignal;
  readonly onBytes?: (count: number) => void;
  readonly onSegment?: (segment: VerifiedSegment) => void;
}

/**
 * The bytes of a range in order, of which only the segments that it touches are fetched. What is not read yet is fetched ahead, up to FETCH_AHEAD_SEGMENTS.
 *
 * @returns pieces of a segment at most
 * @throws INVALID_ARGUMENT for a range that the file has not, NOT_FOUND, ABORTED
 */
export async function* readRange(options: RangeOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { file, range, signal, onSegment } = options;
  checkRange(range, file.length);
  const { from, to } = range;
  if (from === to) return;
  const first = Math.floor(from / FILE_SEGMENT_BYTES);
  const count = Math.ceil(to / FILE_SEGMENT_BYTES) - first;
  const stop = new AbortController();
  const waiting = new Map<number, { readonly data: Uint8Array; readonly taken: () => void }>();
  let wake = (): void => {};
  let failure: { readonly error: unknown } | undefined;
  const fetch = new SegmentFetch({
    ...options,
    first,
    count,
    window: FETCH_AHEAD_SEGMENTS,
    signal: eitherSignal(signal, stop.signal),
    take: (segment) => {
      onSegment?.(segment);
      if (stop.signal.aborted) return Promise.resolve(); // nobody reads on
      return new Promise<void>((taken) => {
        waiting.set(segment.index, { data: segment.data, taken });
        wake();
      });
    },
  });
  const running = fetch.run().catch((error: unknown) => {
    failure = { error };
    wake();
  });
  try {
    for (let index = first; index < first + count; index++) {
      let next = waiting.get(index);
      while (next === undefined) {
        if (failure !== undefined) throw failure.error;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        next = waiting.get(index);
      }
      waiting.delete(index);
      next.taken();
      const at = index * FILE_SEGMENT_BYTES;
      yield next.data.subarray(Math.max(0, from - at), Math.min(next.data.length, to - at));
    }
  } finally {
    stop.abort();
    for (const { taken } of waiting.values()) taken();
    await running;
  }
}

/** @throws INVALID_ARGUMENT */
export function checkRange({ from, to }: ByteRange, length: number): void {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from || to > length) {
    throw new PerigeeError('INVALID_ARGUMENT', `there are no bytes ${from} to ${to} in a file of ${length}`, {
      data: { from, to, length },
    });
  }
}
