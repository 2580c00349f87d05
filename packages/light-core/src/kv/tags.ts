/** Tags of a file that is a write to streams: the domain, and each stream that it names. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equal, MAX_KV_STREAMS, PerigeeError, toHex, utf8 } from '@perigee/wire';

const STREAM_BYTES = 32;
const STREAM_DOMAIN = /* @__PURE__ */ sha256(utf8('STREAM'));

/** @throws INVALID_ARGUMENT unless there are 1 to 31 streams of 32 bytes */
export function tagsOf(streams: readonly Uint8Array[]): Uint8Array {
  const wrong = streams.find((stream) => stream.length !== STREAM_BYTES);
  if (streams.length === 0 || streams.length > MAX_KV_STREAMS || wrong !== undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', `a write names 1 to ${MAX_KV_STREAMS} streams of ${STREAM_BYTES} bytes each`);
  }
  return concat(STREAM_DOMAIN, ...streams);
}

/** The streams that tags name, each once, in their order; none where the file is no write to streams. */
export function streamsOfTags(tags: Uint8Array): Uint8Array[] {
  const count = tags.length / STREAM_BYTES - 1;
  if (!Number.isInteger(count) || count < 1 || !equal(tags.subarray(0, STREAM_BYTES), STREAM_DOMAIN)) return [];
  return distinct(Array.from({ length: count }, (_, i) => tags.slice(STREAM_BYTES * (i + 1), STREAM_BYTES * (i + 2))));
}

/** Each once, in their order. */
export function distinct(streams: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(streams.map((stream) => [toHex(stream), stream])).values()];
}
