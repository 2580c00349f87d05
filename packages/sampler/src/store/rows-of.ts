import { PerigeeError, RowProof } from '@perigee/wire';
import { readRecords } from './seal.ts';

/** What a file of rows holds, and how many bytes of it are whole: none when there is something else in it. */
export function rowsOf(name: string, file: Uint8Array): { readonly rows: RowProof[]; readonly bytes: number } {
  const { payloads, bytes } = readRecords(name, file);
  try {
    return { rows: payloads.map((payload) => RowProof.decode(payload)), bytes };
  } catch (error) {
    if (!(error instanceof PerigeeError)) throw error;
    return { rows: [], bytes: 0 };
  }
}
