import { fromHex, MAX_EVENT_LOG_BYTES, MAX_EVENT_PAYLOAD_BYTES, MAX_LOGGED_EVENTS, PerigeeError } from '@perigee/wire';
import { refuse } from '../code.ts';
import { jsonText, parseJson } from '../json-slice.ts';

/** Registers that a guest can extend at run time: RTMR0 to RTMR3. */
export const RUNTIME_REGISTERS = 4;
/** The register of the application; what the firmware and the kernel measure is in those before. */
export const APP_REGISTER = 3;
/** Type of the events that a dstack guest writes itself. */
export const DSTACK_RUNTIME_EVENT = 0x08000001;
/** SHA-384. */
export const EVENT_DIGEST_BYTES = 48;

/** One extension of a register, as the log says. */
export interface LoggedEvent {
  readonly register: number;
  readonly type: number;
  /** What the register was extended with, 48 bytes. */
  readonly digest: Uint8Array;
  /** Nothing vouches for name and payload of a boot event: its digest alone was measured. */
  readonly name: string;
  readonly payload: Uint8Array;
}

/**
 * Reads an event log as a dstack guest hands it out: a JSON list of `{imr, event_type, digest, event, event_payload}`, digest and payload in
 * hexadecimal. Names of members that are not known are passed over.
 *
 * @throws refusals: TOO_LARGE, JSON, EVENT_LOG
 */
export function readEventLog(bytes: Uint8Array): readonly LoggedEvent[] {
  if (bytes.length > MAX_EVENT_LOG_BYTES) {
    throw refuse('TOO_LARGE', `The event log has ${bytes.length} bytes, of ${MAX_EVENT_LOG_BYTES} at most.`);
  }
  const value = parseJson(jsonText(bytes));
  if (!Array.isArray(value)) throw refuse('EVENT_LOG', 'The event log is not a list.');
  if (value.length > MAX_LOGGED_EVENTS) {
    throw refuse('TOO_LARGE', `The event log has ${value.length} events, of ${MAX_LOGGED_EVENTS} at most.`);
  }
  return value.map(readEvent);
}

function readEvent(value: unknown, position: number): LoggedEvent {
  const { imr, event_type, digest, event, event_payload } = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<'imr' | 'event_type' | 'digest' | 'event' | 'event_payload', unknown>
  >;
  const refused = (what: string) => refuse('EVENT_LOG', `Event ${position} of the log has no right ${what}.`);
  if (!isUint(imr, RUNTIME_REGISTERS - 1)) throw refused('register');
  if (!isUint(event_type, 0xffff_ffff)) throw refused('type');
  if (typeof event !== 'string') throw refused('name');
  if (typeof event_payload !== 'string' || event_payload.length > 2 * MAX_EVENT_PAYLOAD_BYTES) throw refused('payload');
  if (typeof digest !== 'string') throw refused('digest');
  try {
    const payload = fromHex(event_payload);
    return { register: imr, type: event_type, digest: fromHex(digest, EVENT_DIGEST_BYTES), name: event, payload };
  } catch (error) {
    throw refuse('EVENT_LOG', `Event ${position} of the log: ${PerigeeError.from(error).message}.`, error);
  }
}

function isUint(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}
