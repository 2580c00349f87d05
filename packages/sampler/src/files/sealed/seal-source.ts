import { formatSealedHeader, SEALED_TAG_BYTES, sealedLengthOf } from '@perigee/light-core/sealed';
import { FILE_SEGMENT_BYTES } from '@perigee/wire';
import type { FileSource } from '../put/source.ts';
import type { FileCipher } from './cipher.ts';

/** A file as it is stored encrypted: made where it is read, the same each time. */
export function sealSource(source: FileSource, cipher: FileCipher): FileSource {
  const { header } = cipher;
  const start = formatSealedHeader(header);
  const content = async (from: number, to: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(to - from);
    await source.read(from, bytes);
    return bytes;
  };
  return {
    length: sealedLengthOf(header, source.length),
    async read(at, into) {
      const end = at + into.length;
      if (at < start.length) into.set(start.subarray(at, Math.min(end, start.length)));
      const from = Math.max(at, start.length);
      if (from >= end) return;
      if (header.version !== 3) {
        const place = from - start.length;
        into.set(await cipher.stream(place, await content(place, end - start.length)), from - at);
        return;
      }
      // the records that these bytes are of: none has more bytes of content than of file
      for (const record of cipher.records(Math.max(0, contentBefore(from, start.length)), source.length)) {
        if (record.storedFrom >= end) break;
        if (record.storedTo <= from) continue;
        const sealed = await cipher.seal(record, await content(record.from, record.to));
        const [low, high] = [Math.max(from, record.storedFrom), Math.min(end, record.storedTo)];
        into.set(sealed.subarray(low - record.storedFrom, high - record.storedFrom), low - at);
      }
    },
  };
}

/** A place in the content that is in the record of a stored byte, or in one before it. */
function contentBefore(stored: number, headerBytes: number): number {
  const tags = SEALED_TAG_BYTES * (Math.floor(stored / FILE_SEGMENT_BYTES) + 1);
  return stored - headerBytes - tags;
}
