import { createHash } from 'node:crypto';
import { equal } from '@perigee/wire';

export const CHECKSUM_BYTES = 32;

/** SHA-256 over a label and what the checksum covers. */
export function checksum(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256').update(label);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/**
 * Writes the checksum of a slot into its last bytes. It covers the header's checksum and the slot's name too: a hole, a torn write, a flipped bit,
 * another slot or one of another file never passes `checkedSlot`.
 *
 * @param slot what is kept, and CHECKSUM_BYTES of room
 * @param name which one it is, as bytes that no other slot of the file has
 */
export function sumSlot(slot: Uint8Array, headerChecksum: Uint8Array, name: Uint8Array): void {
  const covered = slot.subarray(0, -CHECKSUM_BYTES);
  slot.set(checksum('slot', headerChecksum, name, covered), covered.length);
}

/** @returns what is kept in a slot, a view of it; `undefined` when it fails its checksum */
export function checkedSlot(slot: Uint8Array, headerChecksum: Uint8Array, name: Uint8Array): Uint8Array | undefined {
  const covered = slot.subarray(0, -CHECKSUM_BYTES);
  const due = checksum('slot', headerChecksum, name, covered);
  return equal(slot.subarray(-CHECKSUM_BYTES), due) ? covered : undefined;
}
