import { PerigeeError } from './error.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** By character code. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => Math.max(0, DIGITS.indexOf(String.fromCharCode(code))));

/**
 * Standard base64 with padding, strictly: neither ECMAScript 2023 nor the packages that know no host have a decoder.
 *
 * @throws PARSE
 */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new PerigeeError('PARSE', `"${text.slice(0, 40)}" is not base64`);
  }
  const digits = text.replace(/=+$/, '');
  const out = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < digits.length; i++) {
    bits = ((bits << 6) | (VALUES[digits.charCodeAt(i)] as number)) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[at++] = bits >> held;
    }
  }
  if ((bits & ((1 << held) - 1)) !== 0)
    throw new PerigeeError('PARSE', `"${text.slice(-8)}" ends in base64 bits that stand for nothing`);
  return out;
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let out = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const group = (a << 16) | (b << 8) | c;
    const digits = [18, 12, 6, 0].map((shift) => DIGITS.charAt((group >> shift) & 63)).join('');
    out += at + 3 <= bytes.length ? digits : digits.slice(0, bytes.length - at + 1).padEnd(4, '=');
  }
  return out;
}
