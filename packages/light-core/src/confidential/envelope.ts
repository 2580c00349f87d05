/** What request and response envelopes of `0g-pc/v1` have in common (`reference/tee-compute.md` E). */
import { checkJsonShape, fromUtf8, MAX_HTTP_JSON_TOKENS, PerigeeError, utf8 } from '@perigee/wire';
import type { HpkeContext } from './hpke.ts';
import { canonicalJson, isObject, type Json, type JsonObject, without } from './json.ts';

/** The member that holds what is sealed, and what is needed to open it. */
export const ENVELOPE = '_e2ee';
export const ENVELOPE_VERSION = 1;
const MAX_FIELDS = 32;

/** The bytes that the seal and the signature cover beside the ciphertext: all but the ciphertext and what intermediaries may change. */
export function aadOf(envelope: JsonObject): Uint8Array {
  const metadata = metadataOf(envelope);
  const bound = without(envelope, unboundOf(metadata));
  return utf8(canonicalJson({ ...bound, [ENVELOPE]: without(metadata, ['ciphertext']) }));
}

/** @throws SEALED */
export function metadataOf(envelope: JsonObject): JsonObject {
  const metadata = envelope[ENVELOPE];
  if (!isObject(metadata)) throw new PerigeeError('SEALED', `"${ENVELOPE}" is missing: nothing is sealed`);
  return metadata;
}

/** Names of a list of the envelope. @throws SEALED */
export function namesOf(value: Json | undefined, what: string): readonly string[] {
  const isNames = Array.isArray(value) && value.length <= MAX_FIELDS && value.every((name) => typeof name === 'string');
  if (!isNames || new Set(value).size !== value.length) {
    throw new PerigeeError('SEALED', `"${what}" of the envelope is no list of at most ${MAX_FIELDS} names`);
  }
  return value;
}

/** @throws SEALED */
export function unboundOf({ unbound_fields: unbound, sealed_fields: sealed }: JsonObject): readonly string[] {
  if (unbound === undefined || unbound === null) return [];
  const names = namesOf(unbound, 'unbound_fields');
  const clash = names.find((name) => name === ENVELOPE || (Array.isArray(sealed) && sealed.includes(name)));
  if (clash !== undefined) throw new PerigeeError('SEALED', `"${clash}" of the envelope cannot be both sealed and unbound`);
  return names;
}

/**
 * Opens what is sealed and puts it in its place.
 *
 * @param maxTokens values that it may have
 * @returns the object as it was before it was sealed
 * @throws SEALED unless it opens, and holds exactly the fields that are said to be sealed
 */
export function openFields(
  envelope: JsonObject,
  ciphertext: Uint8Array,
  context: HpkeContext,
  maxTokens = MAX_HTTP_JSON_TOKENS,
): JsonObject {
  const sealed = namesOf(metadataOf(envelope).sealed_fields, 'sealed_fields');
  const plain = parse(context.open(aadOf(envelope), ciphertext), maxTokens);
  const clear = without(envelope, [ENVELOPE]);
  const names = Object.keys(plain);
  const fits = names.length === sealed.length && names.every((name) => sealed.includes(name));
  if (!fits || names.includes(ENVELOPE) || names.some((name) => Object.hasOwn(clear, name))) {
    throw new PerigeeError('SEALED', 'what was sealed is not what the envelope says: fields differ, or are there twice');
  }
  return { ...clear, ...plain };
}

/** Whoever can seal can seal anything: it is bounded before it becomes objects, as what comes in the clear is. */
function parse(bytes: Uint8Array, maxTokens: number): JsonObject {
  try {
    checkJsonShape(bytes, maxTokens);
    const value = JSON.parse(fromUtf8(bytes)) as Json;
    if (isObject(value)) return value;
  } catch {
    // the same as another value
  }
  throw new PerigeeError('SEALED', 'what was sealed is no JSON object, or a larger or deeper one than may be');
}
