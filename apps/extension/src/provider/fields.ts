import { BLOB_VERSION, fromBase64, fromHex, PerigeeError, toHex, u8 } from '@perigee/wire';
import { CODE, ProviderFailure } from '../failure.ts';

const SHOWN = 40;
const COMMITMENT_BYTES = 32;

/** Parameters of one request: an object with known names, or a list with one. What is not known is refused, so that a typing error is no default. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  /** @throws -32602 */
  constructor(params: unknown, names: readonly string[]) {
    const given: unknown = Array.isArray(params) ? this.#only(params) : params;
    if (given === undefined || given === null) {
      this.#values = new Map();
      return;
    }
    if (typeof given !== 'object' || Array.isArray(given)) throw refusal('params are an object, or a list with one object');
    // own names only: what a prototype has counts for nothing
    const entries = Object.entries(given);
    const unknown = entries.find(([name]) => !names.includes(name));
    if (unknown !== undefined) {
      const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
      throw refusal(`this method has no parameter "${shown(unknown[0])}"; ${known}`);
    }
    this.#values = new Map(entries);
  }

  #only(list: readonly unknown[]): unknown {
    if (list.length > 1) throw refusal(`params are a list with one object, and this has ${list.length}`);
    return list[0];
  }

  /** A commitment or a blob id, in hexadecimal with or without 0x. @returns a blob id @throws -32602 */
  blobId(name: string): string {
    const bytes = this.hex(name, COMMITMENT_BYTES, COMMITMENT_BYTES + 1);
    if (bytes.length === COMMITMENT_BYTES) return toHex(u8(BLOB_VERSION)) + toHex(bytes);
    if (bytes[0] !== BLOB_VERSION)
      throw refusal(`"${name}" is of a blob of version ${bytes[0]}, and only ${BLOB_VERSION} is known`);
    return toHex(bytes);
  }

  /** @throws -32602 */
  hex(name: string, min: number, max: number): Uint8Array {
    const text = this.#text(name).replace(/^0x/i, '').toLowerCase();
    const due = min === max ? `${min}` : `${min} to ${max}`;
    if (text.length > 2 * max || text.length < 2 * min || text.length % 2 !== 0) {
      throw refusal(`"${name}" is ${due} bytes in hexadecimal, and this has ${text.length} digits`);
    }
    if (!/^[0-9a-f]*$/.test(text)) throw refusal(`"${name}" is hexadecimal, and "${shown(text)}" is not`);
    return fromHex(text);
  }

  /** @throws -32602 */
  base64(name: string, maxBytes: number): Uint8Array {
    const text = this.#text(name);
    if (text.length > Math.ceil(maxBytes / 3) * 4) throw refusal(`"${name}" has at most ${maxBytes} bytes`);
    try {
      return fromBase64(text);
    } catch (thrown) {
      throw refusal(`"${name}": ${PerigeeError.from(thrown).message}`);
    }
  }

  /** @throws -32602 */
  text(name: string, maxCharacters: number): string {
    const text = this.#text(name);
    if (text.length > maxCharacters) throw refusal(`"${name}" has at most ${maxCharacters} characters`);
    return text;
  }

  /** @throws -32602 */
  choice<T extends string>(name: string, choices: readonly T[]): T {
    const text = this.#text(name);
    const chosen = choices.find((choice) => choice === text);
    if (chosen === undefined) throw refusal(`"${name}" is ${choices.join(' or ')}, and this is "${shown(text)}"`);
    return chosen;
  }

  /** @throws -32602 */
  integer(name: string, min: number, max: number): number {
    const value = this.#values.get(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
      throw refusal(`"${name}" is a whole number from ${min} to ${max}`);
    }
    return value;
  }

  has(name: string): boolean {
    return this.#values.get(name) !== undefined;
  }

  #text(name: string): string {
    const value = this.#values.get(name);
    if (typeof value === 'string') return value;
    throw refusal(value === undefined ? `"${name}" is missing` : `"${name}" is text`);
  }
}

function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function refusal(message: string): ProviderFailure {
  return new ProviderFailure(CODE.invalidParams, message);
}
