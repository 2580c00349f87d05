/** Reading members of collateral that is JSON. All throw ATTESTATION (JSON) on what is not as the vendor's format says. */
import { fromHex } from '@perigee/wire';
import { refuse } from './code.ts';
import { secondsOf } from './time.ts';

export type JsonObject = { readonly [name: string]: unknown };

/** A value that is an object. */
export function objectOf(value: unknown, name: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw notAs(name, 'an object');
}

export function objectIn(json: JsonObject, name: string): JsonObject {
  return objectOf(json[name], name);
}

/** Objects in a list. */
export function objectsIn(json: JsonObject, name: string): readonly JsonObject[] {
  return listIn(json, name).map((one) => objectOf(one, name));
}

/** Texts in a list; none where there is no list. */
export function textsIn(json: JsonObject, name: string): readonly string[] {
  return json[name] === undefined ? [] : listIn(json, name).map((one) => textOf(one, name));
}

export function textIn(json: JsonObject, name: string): string {
  return textOf(json[name], name);
}

/** A whole number from 0 to 2^31 − 1. */
export function wholeIn(json: JsonObject, name: string): number {
  const value = json[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw notAs(name, 'a whole number below 2^31');
}

export function hexIn(json: JsonObject, name: string, bytes: number): Uint8Array {
  const text = textIn(json, name);
  if (text.length !== 2 * bytes || !/^[0-9a-fA-F]*$/.test(text)) throw notAs(name, `${bytes} bytes of hexadecimal`);
  return fromHex(text);
}

/** Seconds since 1970. */
export function secondsIn(json: JsonObject, name: string): number {
  return secondsOf(textIn(json, name), 'JSON');
}

function listIn(json: JsonObject, name: string): readonly unknown[] {
  const value = json[name];
  if (Array.isArray(value)) return value;
  throw notAs(name, 'a list');
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw notAs(name, 'text');
}

function notAs(name: string, due: string): Error {
  return refuse('JSON', `${name} is not ${due}`);
}
