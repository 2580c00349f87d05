/** DER, written: what the tests need to mint certificates of their own. */
import { concat, fromHex } from '@perigee/wire';

export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = concat(...parts);
  const { length } = value;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concat(Uint8Array.of(tag, ...head), value);
}

export const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);
export const octets = (value: Uint8Array) => tlv(0x04, value);
export const bits = (value: Uint8Array, unused = 0) => tlv(0x03, Uint8Array.of(unused), value);
export const flag = tlv(0x01, Uint8Array.of(0xff));

/** Not negative. */
export function integer(value: number | bigint): Uint8Array {
  const digits = value.toString(16);
  const bytes = fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
  return tlv(0x02, (bytes[0] as number) >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0), bytes);
}

export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const out = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) out.unshift((left & 0x7f) | 0x80);
    return out;
  });
  return tlv(0x06, Uint8Array.from(bytes));
}

export function text(tag: number, value: string): Uint8Array {
  return tlv(tag, new TextEncoder().encode(value));
}

/** @param ms since 1970, of the years 1950 to 2049 */
export function utcTime(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return text(0x17, `${digits}Z`);
}
