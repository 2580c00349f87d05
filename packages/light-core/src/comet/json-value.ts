/** Reading CometBFT's JSON: 64-bit integers are text, hashes upper-case hexadecimal or `""`, bytes base64 or `null`. */
import { fromBase64, fromHex, PerigeeError } from '@perigee/wire';

export type JsonObject = { readonly [name: string]: unknown };

export function jsonObject(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  return refuse(value, what, 'an object');
}

/** `null` stands for an empty list, as Go writes it. */
export function jsonList(value: unknown, what: string): readonly unknown[] {
  if (value === null) return [];
  return Array.isArray(value) ? value : refuse(value, what, 'a list');
}

export function jsonText(value: unknown, what: string): string {
  return typeof value === 'string' ? value : refuse(value, what, 'text');
}

/** A 64-bit integer, written as text or, where Go has 32 bits, as a number. */
export function jsonBigint(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return BigInt(value);
  return refuse(value, what, 'a whole number');
}

export function jsonNumber(value: unknown, what: string): number {
  const number = Number(jsonBigint(value, what));
  return Number.isSafeInteger(number) ? number : refuse(value, what, 'a whole number below 2^53');
}

export function jsonHex(value: unknown, what: string): Uint8Array {
  return value === null ? new Uint8Array(0) : fromHex(jsonText(value, what));
}

export function jsonBase64(value: unknown, what: string): Uint8Array {
  return value === null ? new Uint8Array(0) : fromBase64(jsonText(value, what));
}

function refuse(value: unknown, what: string, due: string): never {
  throw new PerigeeError('PARSE', `${what} is ${String(JSON.stringify(value)).slice(0, 60)}, not ${due}`);
}
