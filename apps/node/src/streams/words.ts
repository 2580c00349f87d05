import type { KvReading } from '@perigee/sampler/kv';
import { fromHex, fromUtf8, keyText, MAX_KV_KEY_BYTES, PerigeeError, toHex, utf8 } from '@perigee/wire';
import { printable } from '../cli/printable.ts';

/** @throws INVALID_ARGUMENT */
export function readStream(text: string): Uint8Array {
  try {
    return fromHex(text, 32);
  } catch {
    throw wrong(`"${text.slice(0, 80)}" is no stream: it has 32 bytes, written as 64 hexadecimal digits`);
  }
}

/** Text, or bytes behind 0x. @throws INVALID_ARGUMENT */
export function readKey(text: string): Uint8Array {
  const key = bytesOf(text);
  if (key.length >= 1 && key.length <= MAX_KV_KEY_BYTES) return key;
  throw wrong(`a key has 1 to ${MAX_KV_KEY_BYTES} bytes, not ${key.length}`);
}

export function bytesOf(text: string): Uint8Array {
  return /^0x([0-9a-fA-F]{2})*$/.test(text) ? fromHex(text) : utf8(text);
}

/** As a person reads it: text where it is text, else hexadecimal. */
export function inWords(bytes: Uint8Array): string {
  const text = textOf(bytes);
  return text === undefined ? `0x${toHex(bytes)}` : printable(text);
}

/** For machines: the bytes, and the text where they are text. */
export function readingObject(reading: KvReading): object {
  const { key, value, version, author, height, timeMs, ageMs, source, proof } = reading;
  return {
    key: `0x${toHex(key)}`,
    keyText: textOf(key),
    // of version 0 there was never anything
    ...(value === undefined ? { deleted: (version ?? 0) > 0 } : { value: `0x${toHex(value)}`, text: textOf(value) }),
    version,
    ...(author === undefined ? {} : { author: keyText(author) }),
    height,
    timeMs,
    ageMs,
    source,
    ...(proof === undefined ? {} : { proofBytes: proof.bytes, verifyMs: proof.verifyMs }),
  };
}

/** What a reading rests on. */
export function restsOn({ height, timeMs, ageMs, source }: Pick<KvReading, 'height' | 'timeMs' | 'ageMs' | 'source'>): string {
  const proved = `proved under header ${height} of ${new Date(timeMs).toISOString()}`;
  return source === 'network' ? proved : `${proved}, ${Math.round(ageMs / 1_000)} s ago; kept on this device`;
}

export function wrong(words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', words);
}

function textOf(value: Uint8Array): string | undefined {
  try {
    return fromUtf8(value);
  } catch {
    return undefined;
  }
}
