import { fromUtf8, utf8 } from '@perigee/wire';
import type { BlobView } from '../state.ts';

/** A verdict as it is kept, JSON: what sampling came to, without the rows. */
export function verdictToBytes(verdict: BlobView): Uint8Array {
  // `stored` came later: where it is not so, nothing is said, as before
  return utf8(JSON.stringify({ ...verdict, rows: [], stored: verdict.stored ? true : undefined, earlier: true }));
}

/** @param bytes what `verdictToBytes` made and a seal has covered since */
export function verdictFromBytes(bytes: Uint8Array): BlobView {
  return { stored: false, ...JSON.parse(fromUtf8(bytes)) } as BlobView;
}
