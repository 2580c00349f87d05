import { PerigeeError } from '@perigee/wire';
import type { FileSource } from '../put/source.ts';

/** A file that a person chose; of it only what is read is in memory. */
export function blobSource(file: Blob): FileSource {
  return {
    length: file.size,
    async read(at, into) {
      try {
        into.set(new Uint8Array(await file.slice(at, at + into.length).arrayBuffer()));
      } catch (cause) {
        throw new PerigeeError('REFUSED', 'the file was moved or changed while it was read: choose it again', { cause });
      }
    },
  };
}
