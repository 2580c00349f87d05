/**
 * The exact bytes of the members of a JSON object, because it is these that a vendor signs. Parsing and writing again gives other bytes, and cutting by
 * searching for text can be misled by a member that comes twice: this walks over the tokens of the whole document once, bounded.
 */
import { fromUtf8, MAX_ATTESTATION_JSON_DEPTH, MAX_ATTESTATION_JSON_TOKENS, MAX_COLLATERAL_BYTES, utf8 } from '@perigee/wire';
import { refuse, tooLarge } from './code.ts';

/** A member of the outermost object. */
export interface JsonMember {
  /** As it stands in the document. */
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

/** A string, a bracket or separator, or anything else: what valid JSON is made of, besides white space. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * @returns members of the outermost object by name
 * @throws ATTESTATION (JSON, TOO_LARGE): also for a name that comes twice in one object, or has an escape
 */
export function readJsonMembers(bytes: Uint8Array): ReadonlyMap<string, JsonMember> {
  if (bytes.length > MAX_COLLATERAL_BYTES) throw tooLarge('JSON');
  let text: string;
  let object: { readonly [name: string]: unknown };
  try {
    text = fromUtf8(bytes);
    // before the tokens are looked at: in what is not JSON a string need not end, and looking for its end from each quote would take the square of the time
    object = JSON.parse(text);
  } catch (cause) {
    throw refuse('JSON', 'it is not JSON', cause);
  }
  return new Map(
    Array.from(outermost(text), ([name, [start, end]]) => [name, { bytes: utf8(text.slice(start, end)), value: object[name] }]),
  );
}

/** Where the values of the outermost object stand. @param text valid JSON */
function outermost(text: string): ReadonlyMap<string, readonly [start: number, end: number]> {
  const spans = new Map<string, readonly [start: number, end: number]>();
  /** Names in each object that is open; none for lists. */
  const open: (Set<string> | undefined)[] = [];
  let [tokens, name, start, end, before] = [0, '', 0, 0, ''];
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (++tokens > MAX_ATTESTATION_JSON_TOKENS) throw tooLarge('JSON');
    const names = open.at(-1);
    const isOutermost = open.length === 1;
    if (names !== undefined && (before === '{' || before === ',') && token !== '}') {
      if (names.has(token) || token.includes('\\')) throw refuse('JSON', `${token.slice(0, 40)} comes twice, or has an escape`);
      names.add(token);
      if (isOutermost) name = token.slice(1, -1);
    }
    if (isOutermost && before === ':') start = index;
    if (isOutermost && names !== undefined && (token === ',' || token === '}') && before !== '{') spans.set(name, [start, end]);
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    if (token === '}' || token === ']') open.pop();
    if (open.length > MAX_ATTESTATION_JSON_DEPTH) throw tooLarge('JSON');
    [end, before] = [index + token.length, token];
  }
  return spans;
}
