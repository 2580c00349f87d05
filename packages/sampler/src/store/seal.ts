/** Checksums around what is kept, so that damage is noticed: databases and disks give back what they have, not what they were given. */
import { concat, equal, merkleLeaf, u32le, utf8 } from '@perigee/wire';

const SEAL_BYTES = 8;
const LENGTH_BYTES = 4;
/** "PGLS" and the version of the format. */
const FILE_HEADER = Uint8Array.of(0x50, 0x47, 0x4c, 0x53, 1);

/** Covers the name too, so that a value is only good where it was put. */
function sealOf(name: string, payload: Uint8Array): Uint8Array {
  return merkleLeaf(concat(utf8(`${name}\n`), payload)).subarray(0, SEAL_BYTES);
}

export function seal(name: string, payload: Uint8Array): Uint8Array {
  return concat(sealOf(name, payload), payload);
}

/** @returns `undefined` when it has changed since it was sealed under this name */
export function unseal(name: string, sealed: Uint8Array): Uint8Array | undefined {
  const payload = sealed.subarray(SEAL_BYTES);
  return sealed.length >= SEAL_BYTES && equal(sealed.subarray(0, SEAL_BYTES), sealOf(name, payload)) ? payload : undefined;
}

/** What a file of records begins with. */
export function fileHeader(): Uint8Array {
  return FILE_HEADER;
}

/** A record as it is added to file `name`: length, seal, payload. */
export function recordOf(name: string, payload: Uint8Array): Uint8Array {
  return concat(u32le(payload.length), seal(name, payload));
}

/**
 * The whole records at the beginning of a file; what a crash tore, or damage, ends them.
 *
 * @returns payloads, and the bytes up to the end of the last one: 0 when it is no such file
 */
export function readRecords(
  name: string,
  file: Uint8Array,
): { readonly payloads: readonly Uint8Array[]; readonly bytes: number } {
  const payloads: Uint8Array[] = [];
  if (!equal(file.subarray(0, FILE_HEADER.length), FILE_HEADER)) return { payloads, bytes: 0 };
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let at = FILE_HEADER.length;
  while (at + LENGTH_BYTES + SEAL_BYTES <= file.length) {
    const end = at + LENGTH_BYTES + SEAL_BYTES + view.getUint32(at, true);
    const payload = end <= file.length ? unseal(name, file.subarray(at + LENGTH_BYTES, end)) : undefined;
    if (payload === undefined) break;
    payloads.push(payload);
    at = end;
  }
  return { payloads, bytes: at };
}
