/** Reading values of collateral that is JSON. All throw ATTESTATION (JSON) on what is not as the vendor's format says. */
import { fromHex } from '@perigee/wire';
import { refuse } from './code.ts';
import { secondsOf } from './time.ts';

export type JsonObject = { readonly [name: string]: unknown };

export function objectIn(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw refuse('JSON', `${what} is not an object`);
}

export function listIn(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refuse('JSON', `${what} is not a list`);
}

export function textIn(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw refuse('JSON', `${what} is not text`);
}

/** A whole number from 0 to 2^31 − 1. */
export function wholeIn(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw refuse('JSON', `${what} is not a whole number below 2^31`);
}

export function hexIn(value: unknown, bytes: number, what: string): Uint8Array {
  const text = textIn(value, what);
  if (text.length !== 2 * bytes || !/^[0-9a-fA-F]*$/.test(text))
    throw refuse('JSON', `${what} is not ${bytes} bytes of hexadecimal`);
  return fromHex(text);
}

/** Seconds since 1970. */
export function secondsIn(value: unknown, what: string): number {
  return secondsOf(textIn(value, what), 'JSON');
}
