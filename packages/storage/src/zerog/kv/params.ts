/** Parameters of 0G's methods of streams, with the mistakes that its clients make. */
import { fromHex, MAX_KV_KEY_BYTES, MAX_KV_QUERY_BYTES } from '@perigee/wire';
import { numberParam } from '../params.ts';
import { invalidParam } from '../rpc-error.ts';
import type { Version } from './stream-history.ts';

/** Base64 of the longest key. */
const MAX_BASE64 = 4 * Math.ceil(MAX_KV_KEY_BYTES / 3);

/** 1 to 1,024 bytes, in base64. @throws RpcError, as all that follow */
export function keyParam(value: unknown): Uint8Array {
  if (value === '') throw invalidParam('key', 'key is empty');
  if (typeof value !== 'string' || value.length > MAX_BASE64 || !/^[A-Za-z0-9+/]+={0,2}$/.test(value) || value.length % 4 !== 0) {
    throw invalidParam('key', `a key has 1 to ${MAX_KV_KEY_BYTES} bytes, in base64`);
  }
  const key = Buffer.from(value, 'base64');
  if (key.toString('base64') !== value) throw invalidParam('key', 'this is no base64');
  if (key.length > MAX_KV_KEY_BYTES) throw invalidParam('key', `a key has at most ${MAX_KV_KEY_BYTES} bytes`);
  return new Uint8Array(key);
}

export function accountParam(value: unknown): Uint8Array {
  try {
    return fromHex(typeof value === 'string' ? value : '', 20);
  } catch {
    throw invalidParam('account', 'an account has 20 bytes, in hexadecimal');
  }
}

/** Clients of one language leave it out, others send null, or the largest number that they have. */
export function versionParam(value: unknown): Version {
  if (value === undefined || value === null) return undefined;
  const isLarge =
    typeof value === 'number' ? value > Number.MAX_SAFE_INTEGER : typeof value === 'string' && /^[0-9]{17,20}$/.test(value);
  if (isLarge) return undefined;
  const version = numberParam(value, 'version');
  return version === Number.MAX_SAFE_INTEGER ? undefined : version;
}

/** What of a value is asked for. */
export interface Window {
  readonly start: number;
  readonly length: number;
}

export function windowParam(start: unknown, length: unknown): Window {
  const window = { start: numberParam(start, 'start_index'), length: numberParam(length, 'len') };
  if (window.length > MAX_KV_QUERY_BYTES) throw invalidParam('len', 'query length too large');
  return window;
}
