/** JSON in the one form that both sides hash (RFC 8785, JCS). */
import { fromBase64, MAX_HTTP_JSON_DEPTH, PerigeeError, toBase64 } from '@perigee/wire';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * Canonical text of a value. Members are ordered by their UTF-16 code units, numbers and strings are as ECMAScript writes them.
 *
 * @throws INVALID_ARGUMENT for half a character, which has no UTF-8; for a number that is none (the text 1e999 is read as infinite), which would be written as null;
 *   for what lies deeper than a request may
 */
export function canonicalJson(value: Json): string {
  return canonical(value, MAX_HTTP_JSON_DEPTH);
}

function canonical(value: Json, depth: number): string {
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'number' && !Number.isFinite(value)) throw unwritable(`the number ${value}`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth === 0) throw unwritable(`what lies more than ${MAX_HTTP_JSON_DEPTH} deep`);
  if (isList(value)) return `[${value.map((one) => canonical(one, depth - 1)).join(',')}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${canonicalString(name)}:${canonical(value[name] ?? null, depth - 1)}`).join(',')}}`;
}

function unwritable(what: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', `JSON has no one form for ${what}`);
}

function canonicalString(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new PerigeeError('INVALID_ARGUMENT', 'a text of the JSON has half a character');
  return JSON.stringify(text);
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members but those named. */
export function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @param length bytes that must come out, where a number is due @throws SEALED */
export function fromBase64Url(value: Json | undefined, what: string, length?: number): Uint8Array {
  try {
    if (typeof value !== 'string' || !/^[A-Za-z0-9_-]*$/.test(value)) throw new PerigeeError('PARSE', 'no base64url');
    const bytes = fromBase64(`${value.replaceAll('-', '+').replaceAll('_', '/')}${'='.repeat((4 - (value.length % 4)) % 4)}`);
    if (length !== undefined && bytes.length !== length) throw new PerigeeError('PARSE', `not ${length} bytes`);
    return bytes;
  } catch (cause) {
    const due = length === undefined ? 'base64url' : `${length} bytes in base64url`;
    throw new PerigeeError('SEALED', `"${what}" of the envelope is not ${due}`, { cause });
  }
}
