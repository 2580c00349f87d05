import { RowProof } from '@perigee/wire';
import { readRecords } from './seal.ts';

/** What a file of rows holds, and how many bytes of it are whole. */
export function rowsOf(name: string, file: Uint8Array): { readonly rows: RowProof[]; readonly bytes: number } {
  const { payloads, bytes } = readRecords(name, file);
  return { rows: payloads.map((payload) => RowProof.decode(payload)), bytes };
}
