import { concat } from '@perigee/wire';

/** Distinguished Encoding Rules (X.690), as far as a certificate needs them. */
function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  const length =
    body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255];
  return concat(Uint8Array.of(tag, ...length), body);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x31, ...parts);
export const objectId = (...body: readonly number[]): Uint8Array => tagged(0x06, Uint8Array.from(body));
export const bitString = (bytes: Uint8Array): Uint8Array => tagged(0x03, Uint8Array.of(0), bytes);
export const octetString = (body: Uint8Array): Uint8Array => tagged(0x04, body);
/** `dNSName` of a GeneralName (RFC 5280 §4.2.1.6). */
export const dnsName = (name: string): Uint8Array => tagged(0x82, new TextEncoder().encode(name));
export const text = (value: string): Uint8Array => tagged(0x0c, new TextEncoder().encode(value));
/** Context-specific, constructed: `[number] EXPLICIT`. */
export const explicit = (number: number, body: Uint8Array): Uint8Array => tagged(0xa0 | number, body);
/** Non-negative, big-endian. */
export const integer = (bytes: Uint8Array): Uint8Array =>
  tagged(0x02, ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : concat(Uint8Array.of(0), bytes));
/** Whole seconds of UTC, for the years 1950 to 2049 (RFC 5280 §4.1.2.5.1). */
export function utcTime(date: Date): Uint8Array {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return tagged(0x17, new TextEncoder().encode(`${digits}Z`));
}
