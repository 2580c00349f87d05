import { FILE_SEGMENT_BYTES, PerigeeError } from '@perigee/wire';
import type { RandomFile } from '../random-file.ts';
import type { ReadStored } from './sealed-file.ts';

/** Bytes of a stored file that was fetched already. @throws INTERNAL where it is shorter than the range, and what reading throws */
export function readPlace(data: RandomFile): ReadStored {
  return async function* ({ from, to }) {
    for (let at = from; at < to; ) {
      const end = Math.min(to, (Math.floor(at / FILE_SEGMENT_BYTES) + 1) * FILE_SEGMENT_BYTES);
      const piece = new Uint8Array(end - at);
      if ((await data.read(at, piece)) < piece.length)
        throw new PerigeeError('INTERNAL', `a fetched file ends before byte ${end}`);
      yield piece;
      at = end;
    }
  };
}
