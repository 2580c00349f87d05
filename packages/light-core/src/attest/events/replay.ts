/**
 * Hashes of a log, by code of our own: an event has some hundred bytes, for which it takes 3 us of CPU, and WebCrypto, which hands each to another thread,
 * 20 to 70.
 */
import { sha384 } from '@noble/hashes/sha2.js';
import { concat, u32le, utf8 } from '@perigee/wire';
import { EVENT_DIGEST_BYTES, type LoggedEvent, RUNTIME_REGISTERS } from './log.ts';

const COLON = utf8(':');

/**
 * Digest of an event that a dstack guest writes: SHA-384 of `LE32(type) ‖ ":" ‖ name ‖ ":" ‖ payload`. A colon in a name would let one digest be read
 * as two events, so such names are refused where names count.
 */
export function runtimeDigest({ type, name, payload }: Pick<LoggedEvent, 'type' | 'name' | 'payload'>): Uint8Array {
  return sha384(concat(u32le(type), COLON, utf8(name), COLON, payload));
}

/**
 * What the registers hold after these events: each extension is `SHA-384(register ‖ digest)`, from zeros.
 *
 * @returns 4 registers of 48 bytes
 */
export function replay(events: readonly LoggedEvent[]): readonly Uint8Array[] {
  const registers: Uint8Array[] = Array.from({ length: RUNTIME_REGISTERS }, () => new Uint8Array(EVENT_DIGEST_BYTES));
  for (const { register, digest } of events) {
    registers[register] = sha384(concat(registers[register] as Uint8Array, digest));
  }
  return registers;
}
