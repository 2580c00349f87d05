import { concat, u32le, utf8 } from '@perigee/wire';
import type { AttestCrypto } from '../crypto.ts';
import { EVENT_DIGEST_BYTES, type LoggedEvent, RUNTIME_REGISTERS } from './log.ts';

const COLON = utf8(':');

/**
 * Digest of an event that a dstack guest writes: SHA-384 of `LE32(type) ‖ ":" ‖ name ‖ ":" ‖ payload`. A colon in a name would let one digest be read
 * as two events, so such names are refused where names count.
 */
export function runtimeDigest(
  primitives: AttestCrypto,
  event: Pick<LoggedEvent, 'type' | 'name' | 'payload'>,
): Promise<Uint8Array> {
  return primitives.sha384(concat(u32le(event.type), COLON, utf8(event.name), COLON, event.payload));
}

/**
 * What the registers hold after these events: each extension is `SHA-384(register ‖ digest)`, from zeros.
 *
 * @returns 4 registers of 48 bytes
 */
export async function replay(primitives: AttestCrypto, events: readonly LoggedEvent[]): Promise<readonly Uint8Array[]> {
  const registers: Uint8Array[] = Array.from({ length: RUNTIME_REGISTERS }, () => new Uint8Array(EVENT_DIGEST_BYTES));
  for (const { register, digest } of events) {
    registers[register] = await primitives.sha384(concat(registers[register] as Uint8Array, digest));
  }
  return registers;
}
