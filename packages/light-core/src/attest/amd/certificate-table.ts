import { MAX_CERTIFICATE_TABLE_ENTRIES, toHex } from '@perigee/wire';
import { refuse } from '../code.ts';
import { SNP_REPORT_BYTES } from './layout.ts';

/** Identifiers of certificates in the table that a host puts behind a report (AMD 56421, GHCB §4.1.8.1), in the order of their bytes. */
export const SNP_TABLE_IDS = {
  vcek: '63da758de6644564adc5f4b93be8accd',
  vlek: 'a8074bc2a25a483eaae639c045a0b8a1',
  ask: '4ab7b379bbac4fe4a02f05aef327c782',
  ark: 'c0b406a4a803495297433fb6014cd0ae',
} as const;

/** Identifier, offset and length of an entry, bytes; one of zeros ends the table. */
const SNP_TABLE_ENTRY_BYTES = 24;

export type SnpTable = { readonly [name in keyof typeof SNP_TABLE_IDS]?: Uint8Array };

/** A report, and the certificates that came with it, nothing verified. */
export interface ExtendedReport {
  readonly report: Uint8Array;
  readonly table: SnpTable;
}

/**
 * Takes a report and the table behind it apart. Each byte belongs to one of them, or is zero.
 *
 * @param bytes a report alone, or with its table
 * @throws refusals: PARSE, TOO_LARGE, TRAILING_BYTES
 */
export function readExtendedReport(bytes: Uint8Array): ExtendedReport {
  const report = bytes.subarray(0, SNP_REPORT_BYTES);
  const rest = bytes.subarray(SNP_REPORT_BYTES);
  return { report, table: rest.length === 0 ? {} : readTable(rest) };
}

function readTable(bytes: Uint8Array): SnpTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table: { -readonly [name in keyof SnpTable]: Uint8Array } = {};
  const unused = bytes.slice();
  let expected = 0;
  for (let entry = 0; ; entry++) {
    const at = entry * SNP_TABLE_ENTRY_BYTES;
    if (entry > MAX_CERTIFICATE_TABLE_ENTRIES) {
      throw refuse('TOO_LARGE', `The table of certificates has more than ${MAX_CERTIFICATE_TABLE_ENTRIES} entries.`);
    }
    if (at + SNP_TABLE_ENTRY_BYTES > bytes.length) throw refuse('PARSE', 'The table of certificates does not end.');
    const id = toHex(bytes.subarray(at, at + 16));
    const [offset, length] = [view.getUint32(at + 16, true), view.getUint32(at + 20, true)];
    unused.fill(0, at, at + SNP_TABLE_ENTRY_BYTES);
    if (offset === 0 && length === 0 && /^0+$/.test(id)) {
      expected = at + SNP_TABLE_ENTRY_BYTES;
      break;
    }
    const name = (Object.keys(SNP_TABLE_IDS) as (keyof typeof SNP_TABLE_IDS)[]).find((known) => SNP_TABLE_IDS[known] === id);
    if (name === undefined) throw refuse('PARSE', `The table of certificates has an entry ${id} that is not known.`);
    if (table[name] !== undefined) throw refuse('PARSE', `The table of certificates has two entries "${name}".`);
    if (length === 0 || offset + length > bytes.length)
      throw refuse('PARSE', `Entry "${name}" of the table of certificates lies outside it.`);
    table[name] = bytes.slice(offset, offset + length);
    unused.fill(0, offset, offset + length);
  }
  const first = Object.keys(table).length === 0 ? expected : firstUsed(view, expected);
  if (first < expected) throw refuse('PARSE', 'An entry of the table of certificates overlaps the table.');
  if (unused.some((byte) => byte !== 0))
    throw refuse('TRAILING_BYTES', 'Bytes that belong to no certificate stand behind the report.');
  return table;
}

/** The lowest offset of the entries before `end`. */
function firstUsed(view: DataView, end: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (let at = 0; at + SNP_TABLE_ENTRY_BYTES < end; at += SNP_TABLE_ENTRY_BYTES)
    first = Math.min(first, view.getUint32(at + 16, true));
  return first;
}
