/**
 * The part of XML that reference values are written in: elements, attributes, namespaces and text. Document types, processing instructions, comments,
 * CDATA, character references and xml: attributes are refused, because canonical form treats each in a way of its own.
 */
import {
  fromUtf8,
  MAX_RIM_BYTES,
  MAX_XML_ALL_ATTRIBUTES,
  MAX_XML_ATTRIBUTES,
  MAX_XML_DEPTH,
  MAX_XML_ELEMENTS,
  MAX_XML_NAMESPACES,
} from '@perigee/wire';
import { refuse } from '../../code.ts';

export interface XmlElement {
  /** As it is written, with its prefix. */
  readonly name: string;
  readonly local: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  /** Namespaces by prefix that hold here, '' for the one without. */
  readonly scope: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
}

export interface XmlAttribute {
  readonly name: string;
  readonly local: string;
  /** '' without a prefix. */
  readonly namespace: string;
  readonly value: string;
}

const NAME = /[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?/y;
const SPACE = /[ \n\t]+/y;
const TEXT = /[^<]*/y;
const QUOTED = /"[^"<]*"|'[^'<]*'/y;
const DECLARATION = /^<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?(?: standalone="(?:yes|no)")? ?\?>/;
const FORBIDDEN = /[^\t\n\u0020-\ud7ff\ue000-\ufffd]/;
const ENTITY = /&(?:lt|gt|amp|quot|apos);/y;
const CHARACTERS: Readonly<Record<string, string>> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" };

/**
 * @returns the root element
 * @throws refusals: PARSE, TOO_LARGE
 */
export function readXml(bytes: Uint8Array): XmlElement {
  if (bytes.length > MAX_RIM_BYTES) throw refuse('TOO_LARGE', `XML of ${bytes.length} bytes; at most ${MAX_RIM_BYTES} are read.`);
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch (cause) {
    throw refuse('PARSE', 'The XML is not UTF-8.', cause);
  }
  if (FORBIDDEN.test(text)) throw refuse('PARSE', 'The XML has a character that is not allowed in it.');
  return new Reader(text).whole();
}

class Reader {
  readonly #text: string;
  #at = 0;
  #elements = 0;
  #allAttributes = 0;
  #namespaces = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): XmlElement {
    this.#at = DECLARATION.exec(this.#text)?.[0].length ?? 0;
    this.#take(SPACE);
    const root = this.#element(new Map(), 0);
    this.#take(SPACE);
    if (this.#at !== this.#text.length) throw this.#refused('has something behind its end');
    return root;
  }

  #element(outer: ReadonlyMap<string, string>, depth: number): XmlElement {
    if (depth > MAX_XML_DEPTH) throw refuse('TOO_LARGE', `The XML is nested deeper than ${MAX_XML_DEPTH}.`);
    if (++this.#elements > MAX_XML_ELEMENTS) throw refuse('TOO_LARGE', `The XML has more than ${MAX_XML_ELEMENTS} elements.`);
    this.#expect('<');
    const name = this.#name();
    const written = this.#attributes();
    const scope = scopeOf(outer, written, () => this.#refused('declares a namespace in a way that is not allowed'));
    const attributes = written.filter(([key]) => !isDeclaration(key)).map(([key, value]) => this.#attribute(key, value, scope));
    if (new Set(attributes.map(({ local, namespace }) => `${namespace} ${local}`)).size < attributes.length) {
      throw this.#refused('has an attribute twice');
    }
    const [prefix, local] = split(name);
    const namespace = scope.get(prefix) ?? '';
    if (prefix !== '' && namespace === '') throw this.#refused(`uses a prefix "${prefix}" that is not declared`);
    const children = this.#takes('/>') ? [] : this.#content(name, scope, depth);
    return { name, local, namespace, attributes, scope, children };
  }

  /** From the end of a start tag to behind its end tag. */
  #content(name: string, scope: ReadonlyMap<string, string>, depth: number): (XmlElement | string)[] {
    this.#expect('>');
    const children: (XmlElement | string)[] = [];
    for (;;) {
      const text = this.#take(TEXT) ?? '';
      if (text !== '') children.push(this.#unescape(text));
      if (this.#takes('</')) break;
      children.push(this.#element(scope, depth + 1));
    }
    if (this.#name() !== name) throw this.#refused(`does not end "${name}" where it must`);
    this.#take(SPACE);
    this.#expect('>');
    return children;
  }

  #attributes(): (readonly [name: string, value: string])[] {
    const out: (readonly [string, string])[] = [];
    while (this.#take(SPACE) !== undefined) {
      if (this.#text[this.#at] === '>' || this.#text[this.#at] === '/') break;
      if (out.length >= MAX_XML_ATTRIBUTES)
        throw refuse('TOO_LARGE', `An XML element has more than ${MAX_XML_ATTRIBUTES} attributes.`);
      const name = this.#name();
      if (++this.#allAttributes > MAX_XML_ALL_ATTRIBUTES)
        throw refuse('TOO_LARGE', `The XML has more than ${MAX_XML_ALL_ATTRIBUTES} attributes.`);
      if (isDeclaration(name) && ++this.#namespaces > MAX_XML_NAMESPACES)
        throw refuse('TOO_LARGE', `The XML declares namespaces more than ${MAX_XML_NAMESPACES} times.`);
      this.#expect('=');
      const quoted = this.#take(QUOTED);
      if (quoted === undefined || /[\n\t]/.test(quoted)) throw this.#refused('has an attribute without a value on one line');
      out.push([name, this.#unescape(quoted.slice(1, -1))]);
    }
    return out;
  }

  #attribute(name: string, value: string, scope: ReadonlyMap<string, string>): XmlAttribute {
    const [prefix, local] = split(name);
    const namespace = prefix === '' ? '' : scope.get(prefix);
    if (namespace === undefined) throw this.#refused(`uses a prefix "${prefix}" that is not declared`);
    return { name, local, namespace, value };
  }

  #unescape(text: string): string {
    if (text.includes(']]>')) throw this.#refused('has "]]>" in its text');
    let out = '';
    let from = 0;
    // one by one: a replacement by pattern finds all of them before the first is refused
    for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', from)) {
      ENTITY.lastIndex = at;
      const entity = ENTITY.exec(text)?.[0];
      if (entity === undefined) throw this.#refused('has a reference that is not one of the five');
      out += text.slice(from, at) + CHARACTERS[entity];
      from = at + entity.length;
    }
    return out + text.slice(from);
  }

  #name(): string {
    const name = this.#take(NAME);
    if (name === undefined) throw this.#refused('has no name where one is due');
    return name;
  }

  /** What the pattern matches here, and goes on behind it. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #takes(words: string): boolean {
    if (!this.#text.startsWith(words, this.#at)) return false;
    this.#at += words.length;
    return true;
  }

  #expect(words: string): void {
    if (!this.#takes(words)) throw this.#refused(`has no "${words}" where one is due`);
  }

  #refused(what: string) {
    return refuse('PARSE', `The XML ${what}, before character ${this.#at}.`);
  }
}

function split(name: string): readonly [prefix: string, local: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
}

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

function scopeOf(
  outer: ReadonlyMap<string, string>,
  attributes: readonly (readonly [string, string])[],
  refused: () => Error,
): ReadonlyMap<string, string> {
  const declared = attributes.filter(([name]) => isDeclaration(name));
  if (declared.length === 0) return outer;
  const own = new Map<string, string>();
  for (const [name, uri] of declared) {
    const prefix = name === 'xmlns' ? '' : name.slice('xmlns:'.length);
    if (uri === '' || prefix === 'xml' || prefix === 'xmlns' || own.has(prefix)) throw refused();
    own.set(prefix, uri);
  }
  return new Map([...outer, ...own]);
}
