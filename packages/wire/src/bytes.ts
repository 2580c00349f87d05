import { PerigeeError } from './error.ts';

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return concatAll(parts);
}

/** `concat` of a list that may be longer than the arguments that a call can have. */
export function concatAll(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Byte order: -1, 0 or 1; a prefix sorts first. */
export function compare(a: Uint8Array, b: Uint8Array): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
}

export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += HEX[byte];
  return out;
}

/**
 * An account's address or a public key as people read it: `0x` and lower-case digits, as in what wallets sign. Hashes, roots and ids are the digits alone.
 *
 * @param key bytes, or their digits
 */
export function keyText(key: Uint8Array | string): string {
  return `0x${typeof key === 'string' ? key : toHex(key)}`;
}

/**
 * @param text hexadecimal digits, with or without `0x`, either case
 * @param length number of bytes that must come out, where one is due
 * @throws PARSE
 */
export function fromHex(text: string, length?: number): Uint8Array {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits) || (length !== undefined && digits.length !== 2 * length)) {
    const due = length === undefined ? 'an even number of hexadecimal digits' : `${2 * length} hexadecimal digits`;
    throw new PerigeeError('PARSE', `"${text.slice(0, 80)}" is not ${due}`);
  }
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = (nibble(digits, 2 * i) << 4) | nibble(digits, 2 * i + 1);
  return out;
}

/** @param digits hexadecimal, nothing else: of a letter the low bits count from 1 */
function nibble(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return (code & 0xf) + (code > 0x39 ? 9 : 0);
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @throws PARSE when the bytes are not well-formed UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (cause) {
    throw new PerigeeError('PARSE', `${bytes.length} bytes are not UTF-8 text`, { cause });
  }
}

// A number that does not fit its width is refused: cut off, two different ones would be signed or stored alike.

function unsigned(value: number, size: 1 | 2 | 4, littleEndian: boolean): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * size)) throw misfit(value, size);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  if (size === 1) view.setUint8(0, value);
  else if (size === 2) view.setUint16(0, value, littleEndian);
  else view.setUint32(0, value, littleEndian);
  return out;
}

function unsigned64(value: number | bigint, littleEndian: boolean): Uint8Array {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw misfit(value, 8);
  const wide = BigInt(value);
  if (BigInt.asUintN(64, wide) !== wide) throw misfit(value, 8);
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, wide, littleEndian);
  return out;
}

function misfit(value: number | bigint, size: number): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', `${value} is not a whole number of ${size} bytes`);
}

/** @throws INVALID_ARGUMENT, as all that follow, unless the value is a whole number of that width */
export function u8(value: number): Uint8Array {
  return unsigned(value, 1, true);
}

export function u16le(value: number): Uint8Array {
  return unsigned(value, 2, true);
}

export function u32le(value: number): Uint8Array {
  return unsigned(value, 4, true);
}

export function u32be(value: number): Uint8Array {
  return unsigned(value, 4, false);
}

export function u64le(value: number | bigint): Uint8Array {
  return unsigned64(value, true);
}

export function u64be(value: number | bigint): Uint8Array {
  return unsigned64(value, false);
}
