import { fromUtf8, utf8 } from '@perigee/wire';
import type { BlobView } from '../state.ts';

/** A verdict as it is kept, JSON: what sampling came to, without the rows. */
export function verdictToBytes(verdict: BlobView): Uint8Array {
  return utf8(JSON.stringify({ ...verdict, rows: [], earlier: true }));
}

/** @param bytes what `verdictToBytes` made and a seal has covered since */
export function verdictFromBytes(bytes: Uint8Array): BlobView {
  return JSON.parse(fromUtf8(bytes)) as BlobView;
}
