/**
 * The exact bytes of the members of a JSON object, because it is these that a vendor signs. Parsing and writing again gives other bytes, and cutting by
 * searching for text can be misled by a member that comes twice: this walks over the tokens of the whole document once, bounded.
 */
import { fromUtf8, MAX_COLLATERAL_BYTES, utf8 } from '@perigee/wire';
import { refuse, tooLarge } from './code.ts';
import { scanJson } from './json-scan.ts';

/** A member of the outermost object. */
export interface JsonMember {
  /** As it stands in the document. */
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

/**
 * @returns members of the outermost object by name
 * @throws ATTESTATION (JSON, TOO_LARGE): also for a name that comes twice in one object, or has an escape
 */
export function readJsonMembers(bytes: Uint8Array): ReadonlyMap<string, JsonMember> {
  if (bytes.length > MAX_COLLATERAL_BYTES) throw tooLarge('JSON');
  const text = jsonText(bytes);
  const spans = scanJson(text, true);
  const object = parsed(text) as { readonly [name: string]: unknown };
  return new Map(
    Array.from(spans, ([name, [start, end]]) => [name, { bytes: utf8(text.slice(start, end)), value: object[name] }]),
  );
}

/**
 * The value of JSON that nobody has signed, where of a name that comes twice the last one counts.
 *
 * @throws ATTESTATION (JSON, TOO_LARGE)
 */
export function parseJson(text: string): unknown {
  scanJson(text, false);
  return parsed(text);
}

/** @throws ATTESTATION (JSON) */
export function jsonText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw refuse('JSON', 'it is not text', cause);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse('JSON', 'it is not JSON', cause);
  }
}
