import type { ByteRange } from '@perigee/net/http';
import { FILE_SEGMENT_BYTES, GATEWAY_AHEAD_SEGMENTS, PerigeeError, type StoredFile } from '@perigee/wire';
import { GATEWAY_CODE, Refusal } from './gateway-code.ts';
import type { VerifiedSegments } from './verified-segments.ts';

/**
 * Bytes of a file in order, each verified, some segments ahead of those that are taken.
 *
 * @throws Refusal when nobody has one of them, ABORTED
 */
export async function* verifiedPieces(
  segments: Pick<VerifiedSegments, 'get'>,
  file: StoredFile,
  { start, end }: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (end <= start) return;
  const last = Math.floor((end - 1) / FILE_SEGMENT_BYTES);
  let next = Math.floor(start / FILE_SEGMENT_BYTES);
  const ahead: { readonly index: number; readonly bytes: Promise<Uint8Array> }[] = [];
  for (;;) {
    for (; next <= last && ahead.length < GATEWAY_AHEAD_SEGMENTS; next++) {
      const bytes = segments.get(file, next, signal);
      bytes.catch(() => {}); // heard where it is awaited
      ahead.push({ index: next, bytes });
    }
    const one = ahead.shift();
    if (one === undefined) return;
    const bytes = await one.bytes.catch((error: unknown) => {
      const { code, message } = PerigeeError.from(error);
      throw code === 'NOT_FOUND' ? new Refusal(GATEWAY_CODE.notFinalized, message) : error;
    });
    const offset = one.index * FILE_SEGMENT_BYTES;
    yield bytes.subarray(Math.max(0, start - offset), Math.min(bytes.length, end - offset));
  }
}
