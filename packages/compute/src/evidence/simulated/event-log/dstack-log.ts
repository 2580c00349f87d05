import { sha384 } from '@noble/hashes/sha2.js';
import { concat, toHex, u32le, utf8 } from '@perigee/wire';
import { seeded } from '../seed.ts';

/** What dstack writes of each measured event: JSON, in the order of extension. */
export interface DstackEvent {
  /** Register, 0 to 3. */
  readonly imr: number;
  readonly event_type: number;
  /** 48 bytes, hexadecimal. */
  readonly digest: string;
  readonly event: string;
  /** Hexadecimal; of firmware events empty. */
  readonly event_payload: string;
}

/** Type of the events that a guest itself measures. */
const RUNTIME_EVENT = 0x08000001;

/** An event of register 3: SHA-384 over type, name and payload (dstack, "attestation-tdx.md"). */
export function runtimeEvent(event: string, payload: Uint8Array): DstackEvent {
  const colon = utf8(':');
  const digest = sha384(concat(u32le(RUNTIME_EVENT), colon, utf8(event), colon, payload));
  return { imr: 3, event_type: RUNTIME_EVENT, digest: toHex(digest), event, event_payload: toHex(payload) };
}

/** What a guest of dstack measures from power to running its compose file. @param composeHash SHA-256 of the exact file */
export function dstackEvents(seed: Uint8Array, composeHash: Uint8Array, more: readonly DstackEvent[] = []): DstackEvent[] {
  const firmware = [0, 0, 0, 1, 1, 2, 2].map((imr, i) => ({
    imr,
    event_type: 0x80000001 + i,
    digest: toHex(seeded(seed, `dstack/firmware/${i}`, 48)),
    event: '',
    event_payload: '',
  }));
  return [
    ...firmware,
    runtimeEvent('system-preparing', new Uint8Array()),
    runtimeEvent('app-id', seeded(seed, 'dstack/app-id', 20)),
    runtimeEvent('compose-hash', composeHash),
    runtimeEvent('instance-id', seeded(seed, 'dstack/instance-id', 20)),
    runtimeEvent('boot-mr-done', new Uint8Array()),
    runtimeEvent('os-image-hash', seeded(seed, 'dstack/os-image', 32)),
    runtimeEvent('key-provider', utf8('{"name":"simulated","id":""}')),
    ...more,
    runtimeEvent('system-ready', new Uint8Array()),
  ];
}

/** The four registers after all events: each is SHA-384 over what it was and the event's digest. */
export function replayedRegisters(events: readonly DstackEvent[]): Uint8Array[] {
  const registers = [0, 1, 2, 3].map(() => new Uint8Array(48));
  for (const { imr, digest } of events) {
    registers[imr] = new Uint8Array(sha384(concat(registers[imr] as Uint8Array, Uint8Array.from(Buffer.from(digest, 'hex')))));
  }
  return registers;
}
