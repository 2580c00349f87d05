/** Values of DER elements. All throw ATTESTATION (DER) on what is not in the one form that DER allows. */
import { badDer, type Der, TAG, tagged } from './der.ts';
import { secondsOf } from './time.ts';

/** Dotted numbers, such as `2.5.29.19`. */
export function oidOf(element: Der | undefined): string {
  const { value } = tagged(element, TAG.oid);
  const arcs: number[] = [];
  let arc = 0;
  let isStart = true;
  for (const byte of value) {
    const isLonger = isStart && byte === 0x80;
    arc = arc * 128 + (byte & 0x7f);
    if (isLonger || arc > Number.MAX_SAFE_INTEGER) throw badDer('a bad object identifier');
    isStart = byte < 0x80;
    if (!isStart) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  if (!isStart || arcs.length === 0) throw badDer('a bad object identifier');
  return arcs.join('.');
}

/** The bytes of an integer that is not negative, without leading zeros; none for zero. */
export function unsignedOf(element: Der | undefined): Uint8Array {
  return unsignedBytes(tagged(element, TAG.integer).value);
}

function unsignedBytes(value: Uint8Array): Uint8Array {
  const [first, second = 0xff] = value;
  const isLonger = first === 0 && value.length > 1 && second < 0x80;
  if (first === undefined || first >= 0x80 || isLonger) throw badDer('a bad integer');
  return first === 0 ? value.subarray(1) : value;
}

/** An integer, or enumerated value, below 2^48. */
export function smallOf(element: Der | undefined): number {
  const bytes = element?.tag === TAG.enumerated ? unsignedBytes(element.value) : unsignedOf(element);
  if (bytes.length > 6) throw badDer('a bad integer');
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function booleanOf(element: Der | undefined): boolean {
  const { value } = tagged(element, TAG.boolean);
  if (value.length !== 1 || (value[0] !== 0 && value[0] !== 0xff)) throw badDer('a bad boolean');
  return value[0] === 0xff;
}

/** Content of a bit string of whole bytes. */
export function bitBytesOf(element: Der | undefined): Uint8Array {
  const { value } = tagged(element, TAG.bitString);
  if (value[0] !== 0) throw badDer('a bad bit string');
  return value.subarray(1);
}

/** The first 16 bits of a bit string of flags; bit 0 is the highest of the number. */
export function flagsOf(element: Der | undefined): number {
  const { value } = tagged(element, TAG.bitString);
  const [unused = 8, high = 0, low = 0] = value;
  const last = value.length > 1 ? (value.at(-1) as number) : 0;
  if (unused > 7 || value.length > 3 || (last & ((1 << unused) - 1)) !== 0) throw badDer('a bad bit string');
  return (high << 8) | low;
}

export function octetsOf(element: Der | undefined): Uint8Array {
  return tagged(element, TAG.octetString).value;
}

/** UTCTime or GeneralizedTime as RFC 5280 §4.1.2.5 has them. @returns seconds since 1970 */
export function timeOf(element: Der | undefined): number {
  const isUtc = element?.tag === TAG.utcTime;
  const { value } = isUtc ? tagged(element, TAG.utcTime) : tagged(element, TAG.generalizedTime);
  const text = value.length <= 15 ? String.fromCharCode(...value) : '';
  const match = (isUtc ? /^(\d\d)(\d{10})Z$/ : /^(\d{4})(\d{10})Z$/).exec(text);
  const [, year = '', rest = ''] = match ?? [];
  const full = isUtc ? (Number(year) >= 50 ? `19${year}` : `20${year}`) : year;
  const [month, day, hour, minute, second] = rest.match(/../g) ?? [];
  return secondsOf(`${full}-${month}-${day}T${hour}:${minute}:${second}Z`, 'DER');
}
