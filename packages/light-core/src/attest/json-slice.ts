/**
 * The exact bytes of the values of a JSON object, because it is these that a vendor signs. Parsing and writing again gives other bytes, and cutting by
 * searching for text can be misled by a member that comes twice: this reads the whole document once, strictly and bounded.
 */
import { fromUtf8, MAX_ATTESTATION_JSON_DEPTH, MAX_ATTESTATION_JSON_VALUES, MAX_COLLATERAL_BYTES, utf8 } from '@perigee/wire';
import { refuse } from './code.ts';

/** A member of the outermost object. */
export interface JsonMember {
  /** As it stands in the document. */
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * @returns members of the outermost object by name
 * @throws ATTESTATION (JSON, TOO_LARGE): also for a name that comes twice in one object, or has an escape
 */
export function readJsonMembers(bytes: Uint8Array): ReadonlyMap<string, JsonMember> {
  if (bytes.length > MAX_COLLATERAL_BYTES)
    throw refuse('TOO_LARGE', `JSON of ${bytes.length} bytes; at most ${MAX_COLLATERAL_BYTES} are read`);
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch (cause) {
    throw refuse('JSON', 'a document is not text', cause);
  }
  const spans = new Scanner(text).members();
  return new Map(
    [...spans].map(([name, [start, end]]) => {
      const part = text.slice(start, end);
      return [name, { bytes: utf8(part), value: JSON.parse(part) as unknown }];
    }),
  );
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  members(): ReadonlyMap<string, readonly [start: number, end: number]> {
    this.#skip(SPACE);
    const members = this.#object(1);
    this.#skip(SPACE);
    if (this.#at !== this.#text.length)
      throw refuse('TRAILING_BYTES', `something stands behind the JSON, from character ${this.#at} on`);
    return members;
  }

  #object(depth: number): Map<string, readonly [start: number, end: number]> {
    const members = new Map<string, readonly [start: number, end: number]>();
    this.#expect('{');
    this.#skip(SPACE);
    if (this.#takes('}')) return members;
    do {
      this.#skip(SPACE);
      const name = this.#skip(STRING)?.slice(1, -1);
      if (name === undefined || name.includes('\\')) throw this.#refuse('a name');
      if (members.has(name)) throw refuse('JSON', `"${name.slice(0, 40)}" comes twice in one JSON object`);
      this.#skip(SPACE);
      this.#expect(':');
      this.#skip(SPACE);
      const start = this.#at;
      this.#value(depth);
      members.set(name, [start, this.#at]);
      this.#skip(SPACE);
    } while (this.#takes(','));
    this.#expect('}');
    return members;
  }

  #array(depth: number): void {
    this.#expect('[');
    this.#skip(SPACE);
    if (this.#takes(']')) return;
    do {
      this.#skip(SPACE);
      this.#value(depth);
      this.#skip(SPACE);
    } while (this.#takes(','));
    this.#expect(']');
  }

  #value(depth: number): void {
    if (++this.#values > MAX_ATTESTATION_JSON_VALUES)
      throw refuse('TOO_LARGE', `JSON has more than ${MAX_ATTESTATION_JSON_VALUES} values`);
    const first = this.#text[this.#at];
    if (first === '{' || first === '[') {
      if (depth >= MAX_ATTESTATION_JSON_DEPTH)
        throw refuse('TOO_LARGE', `JSON is nested deeper than ${MAX_ATTESTATION_JSON_DEPTH}`);
      if (first === '{') this.#object(depth + 1);
      else this.#array(depth + 1);
      return;
    }
    if (this.#skip(first === '"' ? STRING : NUMBER) === undefined && this.#skip(LITERAL) === undefined)
      throw this.#refuse('a value');
  }

  /** What the pattern matches here, and goes on behind it. */
  #skip(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#takes(character)) throw this.#refuse(`"${character}"`);
  }

  #refuse(due: string): Error {
    return refuse('JSON', `JSON has something else than ${due} at character ${this.#at}`);
  }
}
