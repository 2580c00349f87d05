/**
 * One walk over a JSON text before it is parsed. A parser makes an object of all that it is given first: what is too much, too deep, or names a thing
 * twice is refused here, in time that grows with the length alone, whatever the text is. Whether it is JSON, the parser says.
 */
import { MAX_ATTESTATION_JSON_DEPTH, MAX_ATTESTATION_JSON_NAMES, MAX_ATTESTATION_JSON_TOKENS } from '@perigee/wire';
import { refuse, tooLarge } from './code.ts';

/** Where the value of a member stands: of its first character, and behind its last. */
export type JsonSpan = readonly [start: number, end: number];

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Characters that are a token each; white space, that is none; 0 for all that goes on until one of these. By character code. */
const SINGLE = 1;
const SPACE = 2;
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => ('[]{},:"'.includes(String.fromCharCode(code)) ? SINGLE : 0));
for (const space of ' \t\n\r') KINDS[space.charCodeAt(0)] = SPACE;

/**
 * @param isStrict refuses a name that comes twice in one object, or has an escape
 * @returns of valid JSON, the values of the outermost object by name
 * @throws ATTESTATION (TOO_LARGE, JSON)
 */
export function scanJson(text: string, isStrict: boolean): ReadonlyMap<string, JsonSpan> {
  const spans = new Map<string, JsonSpan>();
  /** Names in each object that is open; none for lists. */
  const open: (Set<string> | undefined)[] = [];
  let names: Set<string> | undefined;
  let [tokens, name, start, end, before] = [0, '', 0, 0, 0];
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    const kind = KINDS[code] ?? 0;
    if (kind === SPACE) {
      at++;
      continue;
    }
    if (++tokens > MAX_ATTESTATION_JSON_TOKENS) throw tooLarge('JSON');
    const from = at;
    at = code === QUOTE ? endOfString(text, at) : kind === SINGLE ? at + 1 : endOfWord(text, at);
    const isOutermost = open.length === 1;
    if (names !== undefined && (before === OPEN_OBJECT || before === COMMA) && code !== CLOSE_OBJECT) {
      const word = text.slice(from + 1, at - 1);
      if (isStrict && (names.has(word) || word.includes('\\')))
        throw refuse('JSON', `"${word.slice(0, 40)}" comes twice, or has an escape`);
      if (names.add(word).size > MAX_ATTESTATION_JSON_NAMES) throw tooLarge('JSON');
      if (isOutermost) name = word;
    }
    if (isOutermost && before === COLON) start = from;
    if (isOutermost && names !== undefined && before !== OPEN_OBJECT && (code === COMMA || code === CLOSE_OBJECT))
      spans.set(name, [start, end]);
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      names = code === OPEN_OBJECT ? new Set() : undefined;
      if (open.push(names) > MAX_ATTESTATION_JSON_DEPTH) throw tooLarge('JSON');
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      open.pop();
      names = open.at(-1);
    }
    [end, before] = [at, code];
  }
  return spans;
}

/** Behind the quote that ends it; the end of the text where none does. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let first = at;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    // each escape takes two characters
    if ((at - first) % 2 === 0) return at + 1;
  }
  return text.length;
}

function endOfWord(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && (KINDS[text.charCodeAt(at)] ?? 0) === 0) at++;
  return at;
}
