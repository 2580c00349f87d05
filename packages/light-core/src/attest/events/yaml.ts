/**
 * YAML as container compositions need it, and no more: block mappings and sequences, scalars on one line, block scalars, and lists of scalars in
 * brackets on one line. What else YAML has (anchors, aliases, merge keys, tags, flow mappings, scalars that go on over lines, several documents) is
 * refused: two readers may differ about it, and what a checker does not see must not run.
 */
import { MAX_YAML_DEPTH, MAX_YAML_LINES, MAX_YAML_VALUES } from '@perigee/wire';
import { refuse } from '../code.ts';

/** A scalar is its text, whatever type YAML would give it; an empty value is ''. */
export type Yaml = string | readonly Yaml[] | YamlMap;
export type YamlMap = ReadonlyMap<string, Yaml>;

interface Line {
  readonly number: number;
  readonly indent: number;
  /** Without the indentation. */
  readonly text: string;
}

/** Characters that one reader takes for space, or for the end of a line, and another does not; tabs among them. */
const AMBIGUOUS = /[\p{Cc}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]/u;

/** @throws refusals: PARSE, TOO_LARGE */
export function readYaml(text: string): Yaml {
  const lines = text.split(/\r?\n/);
  if (lines.length > MAX_YAML_LINES)
    throw refuse('TOO_LARGE', `The composition has ${lines.length} lines, of ${MAX_YAML_LINES} at most.`);
  const odd = lines.findIndex((line) => AMBIGUOUS.test(line));
  if (odd >= 0) throw refused({ number: odd + 1 }, 'has a control character, a tab or an unusual space');
  return new Reader(lines).whole();
}

class Reader {
  readonly #lines: readonly string[];
  #at = 0;
  /** What is left of a line whose start was read: the mapping in `- name: x`. */
  #rest: Line | undefined;
  /** Values that may still come. */
  #left = MAX_YAML_VALUES;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  whole(): Yaml {
    const first = this.#peek();
    if (first === undefined) return '';
    if (first.text === '---' && first.indent === 0) this.#advance();
    const start = this.#peek();
    if (start === undefined) return '';
    const value = this.#block(start.indent, 0);
    const rest = this.#peek();
    if (rest !== undefined) throw refused(rest, 'does not belong to what stands before it');
    return value;
  }

  /** The next line with content, which stays to be read. */
  #peek(): Line | undefined {
    if (this.#rest !== undefined) return this.#rest;
    for (; this.#at < this.#lines.length; this.#at++) {
      const raw = this.#lines[this.#at] as string;
      const text = raw.trimStart();
      if (text === '' || text.startsWith('#')) continue;
      return { number: this.#at + 1, indent: raw.length - text.length, text: text.trimEnd() };
    }
    return undefined;
  }

  #advance(): void {
    if (this.#rest === undefined) this.#at++;
    this.#rest = undefined;
  }

  #block(indent: number, depth: number): Yaml {
    const line = this.#peek() as Line;
    if (this.#left-- <= 0) throw tooMany();
    if (depth > MAX_YAML_DEPTH) throw refused(line, `lies more than ${MAX_YAML_DEPTH} levels deep`);
    if (isItem(line.text)) return this.#sequence(indent, depth);
    if (entry(line.text) !== undefined) return this.#mapping(indent, depth);
    this.#advance();
    return scalar(line, line.text);
  }

  #sequence(indent: number, depth: number): readonly Yaml[] {
    const items: Yaml[] = [];
    for (let line = this.#peek(); line !== undefined && line.indent === indent && isItem(line.text); line = this.#peek()) {
      const text = line.text.slice(1).trimStart();
      const inner = indent + line.text.length - text.length;
      this.#advance();
      if (text === '' || text.startsWith('#')) items.push(this.#nested(indent, depth, false));
      else if (isItem(text) || entry(text) !== undefined) {
        this.#rest = { number: line.number, indent: inner, text };
        items.push(this.#block(inner, depth + 1));
      } else items.push(this.#value(line, text, indent));
    }
    this.#outside(indent);
    return items;
  }

  #mapping(indent: number, depth: number): YamlMap {
    const map = new Map<string, Yaml>();
    for (let line = this.#peek(); line !== undefined && line.indent === indent; line = this.#peek()) {
      const pair = entry(line.text);
      if (pair === undefined) {
        if (isItem(line.text)) break;
        throw refused(line, 'is no member of the mapping that it stands in');
      }
      if (pair.key === '<<') throw refused(line, 'merges another mapping');
      if (map.has(pair.key)) throw refused(line, `names "${pair.key}" a second time`);
      this.#advance();
      const bare = pair.value === '' || pair.value.startsWith('#');
      map.set(pair.key, bare ? this.#nested(indent, depth, true) : this.#value(line, pair.value, indent));
    }
    this.#outside(indent);
    return map;
  }

  /** What hangs below a key or a dash that has nothing behind it. @param list a sequence may stand as deep as its key */
  #nested(indent: number, depth: number, list: boolean): Yaml {
    const next = this.#peek();
    if (next === undefined) return '';
    if (next.indent > indent || (list && next.indent === indent && isItem(next.text))) return this.#block(next.indent, depth + 1);
    return '';
  }

  #value(line: Line, text: string, indent: number): Yaml {
    if (text[0] === '|' || text[0] === '>') return this.#blockScalar(line, text, indent);
    const value = text[0] === '[' ? this.#flow(line, text) : scalar(line, text);
    this.#outside(indent);
    return value;
  }

  #flow(line: Line, text: string): readonly string[] {
    const items = flowSequence(line, text, this.#left);
    this.#left -= items.length;
    return items;
  }

  #blockScalar(line: Line, text: string, indent: number): string {
    if (!/^[|>][+-]?(\s+#.*)?$/.test(text)) throw refused(line, 'starts a block of text in a way that is not known');
    const out: string[] = [];
    let inner = -1;
    for (; this.#at < this.#lines.length; this.#at++) {
      const raw = this.#lines[this.#at] as string;
      const spaces = raw.length - raw.trimStart().length;
      if (raw.trim() !== '') {
        if (spaces <= indent) break;
        if (inner < 0) inner = spaces;
        if (spaces < inner) throw refused({ ...line, number: this.#at + 1 }, 'ends a block of text within its indentation');
      }
      out.push(raw.slice(inner < 0 ? raw.length : inner));
    }
    return out.join(text[0] === '|' ? '\n' : ' ');
  }

  /** What follows a finished value must not be indented deeper than it: it would go on with it. */
  #outside(indent: number): void {
    const next = this.#peek();
    if (next !== undefined && next.indent > indent) throw refused(next, 'goes on with a value that was finished');
  }
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ');
}

const PLAIN_KEY = /^([A-Za-z0-9_./<][A-Za-z0-9_./<$+-]*)\s*:(?:\s+(.*))?$/;
const QUOTED_KEY = /^(?:"([^"\\]*)"|'([^']*)')\s*:(?:\s+(.*))?$/;

function entry(text: string): { readonly key: string; readonly value: string } | undefined {
  const plain = PLAIN_KEY.exec(text);
  if (plain !== null) return { key: plain[1] as string, value: plain[2] ?? '' };
  const quoted = QUOTED_KEY.exec(text);
  return quoted === null ? undefined : { key: (quoted[1] ?? quoted[2]) as string, value: quoted[3] ?? '' };
}

function scalar(line: Line, text: string): string {
  const { value, end } = readScalar(line, text, 0, false);
  if (!/^\s*(?:#.*)?$/.test(text.slice(end)) || (text[end] === '#' && end > 0))
    throw refused(line, 'has something behind its value');
  return value;
}

/** `[a, "b"]`, on one line. @param left values that there may be */
function flowSequence(line: Line, text: string, left: number): readonly string[] {
  const items: string[] = [];
  let at = skipSpaces(text, 1);
  while (text[at] !== ']') {
    const { value, end } = readScalar(line, text, at, true);
    if (items.push(value) > left) throw tooMany();
    at = skipSpaces(text, end);
    if (text[at] === ',') at = skipSpaces(text, at + 1);
    else if (text[at] !== ']') throw refused(line, 'has a list in brackets that does not end on it');
  }
  if (!/^\s*(?:\s#.*)?$/.test(text.slice(at + 1))) throw refused(line, 'has something behind its list');
  return items;
}

/** A comment; in brackets also what parts values. */
const PLAIN_END = /\s#/g;
const FLOW_END = /[,[\]{}]|\s#/g;

/** One scalar from `at`. @param flow it stands in brackets, so a comma ends it */
function readScalar(line: Line, text: string, at: number, flow: boolean): { readonly value: string; readonly end: number } {
  const quote = text[at];
  if (quote === '"' || quote === "'") return readQuoted(line, text, at + 1, quote);
  const rest = text.slice(at);
  if (!flow && /^\{\s*\}\s*(#.*)?$/.test(rest)) return { value: '', end: text.length };
  if (/^[&*!|>%@`{}[\],?#]/.test(rest) || rest.startsWith('- ')) throw refused(line, `has a value that starts with "${rest[0]}"`);
  // looked for from here to the first one only: a list has as many values as its line has room for
  const end = flow ? FLOW_END : PLAIN_END;
  end.lastIndex = at;
  const value = text.slice(at, end.exec(text)?.index).trimEnd();
  if (/:(\s|$)/.test(value) || (flow && value === ''))
    throw refused(line, `has a value that can be read in two ways: ${value.slice(0, 40)}`);
  return { value, end: at + value.length };
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', n: '\n', t: '\t', r: '\r', '0': '\0' };

function readQuoted(line: Line, text: string, from: number, quote: string): { readonly value: string; readonly end: number } {
  let value = '';
  for (let at = from; at < text.length; at++) {
    const char = text[at] as string;
    if (char === quote) {
      if (quote === '"' || text[at + 1] !== "'") return { value, end: at + 1 };
      at++;
      value += "'";
    } else if (char === '\\' && quote === '"') {
      const escaped = ESCAPES[text[++at] ?? ''];
      if (escaped === undefined) throw refused(line, 'has an escape that is not known');
      value += escaped;
    } else value += char;
  }
  throw refused(line, 'has a quoted value that does not end on it');
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  return at;
}

function tooMany() {
  return refuse('TOO_LARGE', `The composition has more than ${MAX_YAML_VALUES} values.`);
}

function refused(line: Pick<Line, 'number'>, what: string) {
  return refuse('PARSE', `Line ${line.number} of the composition ${what}, so nothing can be said of it.`);
}
