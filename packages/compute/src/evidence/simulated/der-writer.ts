import { concat, utf8 } from '@perigee/wire';

/**
 * Distinguished Encoding Rules (X.690), as far as certificates, revocation lists and signatures need them. Nothing here refuses what a verifier must
 * refuse: whoever mints bad evidence writes it with these.
 */
function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(Uint8Array.of(tag), lengthOf(body.length), body);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const digits: number[] = [];
  for (let left = length; left > 0; left >>>= 8) digits.unshift(left & 0xff);
  return Uint8Array.of(0x80 | digits.length, ...digits);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x31, ...parts);
export const octetString = (bytes: Uint8Array): Uint8Array => tagged(0x04, bytes);
export const boolean = (value: boolean): Uint8Array => tagged(0x01, Uint8Array.of(value ? 0xff : 0));
export const enumerated = (value: number): Uint8Array => tagged(0x0a, Uint8Array.of(value));
export const nothing = (): Uint8Array => tagged(0x05);
export const utf8String = (text: string): Uint8Array => tagged(0x0c, utf8(text));
export const ia5String = (text: string): Uint8Array => tagged(0x16, utf8(text));
/** `[number] EXPLICIT`, or any constructed type with a context's tag. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Uint8Array => tagged(0xa0 | number, ...parts);
/** `[number] IMPLICIT` of a primitive type. */
export const implicit = (number: number, body: Uint8Array): Uint8Array => tagged(0x80 | number, body);

/** @param unused bits at the end that do not count */
export function bitString(bytes: Uint8Array, unused = 0): Uint8Array {
  return tagged(0x03, Uint8Array.of(unused), bytes);
}

/** Non-negative, big-endian, of any length; leading zeros are left out. */
export function integer(value: number | Uint8Array): Uint8Array {
  let bytes = typeof value === 'number' ? bigEndian(value) : value;
  while (bytes.length > 1 && bytes[0] === 0) bytes = bytes.subarray(1);
  return tagged(0x02, ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : concat(Uint8Array.of(0), bytes));
}

function bigEndian(value: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}

/** @param dotted such as `1.2.840.10045.4.3.2` */
export function objectId(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const body = [40 * first + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift((left % 128) | 0x80);
    return digits;
  });
  return tagged(0x06, Uint8Array.from(body));
}

/** UTCTime from 1950 to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). @param seconds since 1970 */
export function time(seconds: number): Uint8Array {
  const digits = new Date(seconds * 1_000).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return digits < '2050' && digits >= '1950' ? tagged(0x17, utf8(`${digits.slice(2)}Z`)) : tagged(0x18, utf8(`${digits}Z`));
}
