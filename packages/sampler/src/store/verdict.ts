import { fromUtf8, utf8 } from '@perigee/wire';
import type { BlobView } from '../state.ts';

/** A verdict as it is kept, JSON: what sampling came to, without the rows. */
export function verdictToBytes(verdict: BlobView): Uint8Array {
  // `stored` came later: where it is not so, nothing is said, as before
  return utf8(JSON.stringify({ ...verdict, rows: [], stored: verdict.stored ? true : undefined, earlier: true }));
}

/**
 * @param bytes what a seal has covered: so it was written here, though another program may have written it
 * @returns `undefined` when it is no verdict of this blob
 */
export function verdictFromBytes(blobId: string, bytes: Uint8Array): BlobView | undefined {
  const verdict = objectOf<BlobView>(bytes);
  return verdict?.blobId === blobId ? { ...verdict, stored: verdict.stored ?? false } : undefined;
}

/** An object that was kept as JSON; `undefined` when it is none. */
export function objectOf<T>(bytes: Uint8Array): T | undefined {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes));
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
