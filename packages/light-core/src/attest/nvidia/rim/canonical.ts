/** Canonical XML 1.1 (W3C), inclusive, without comments, of what `readXml` allows. */
import { utf8 } from '@perigee/wire';
import type { XmlElement } from './xml.ts';

/**
 * The bytes of an element that a signature covers.
 *
 * @param element with what it holds; namespaces of what stands around it are written on it
 * @param without an element that is left out: the signature itself
 */
export function canonicalXml(element: XmlElement, without?: XmlElement): Uint8Array {
  const out: string[] = [];
  write(element, new Map(), without, out);
  return utf8(out.join(''));
}

function write(element: XmlElement, outer: ReadonlyMap<string, string>, without: XmlElement | undefined, out: string[]): void {
  const { name, scope, attributes, children } = element;
  out.push('<', name);
  const fresh = scope === outer ? [] : [...scope].filter(([prefix, uri]) => outer.get(prefix) !== uri);
  for (const [prefix, uri] of fresh.sort(([a], [b]) => order(a, b))) {
    out.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, attributeText(uri), '"');
  }
  const sorted = [...attributes].sort((a, b) => order(a.namespace, b.namespace) || order(a.local, b.local));
  for (const attribute of sorted) out.push(' ', attribute.name, '="', attributeText(attribute.value), '"');
  out.push('>');
  for (const child of children) {
    if (typeof child === 'string') out.push(child.replace(/[&<>]/g, escaped));
    else if (child !== without) write(child, scope, without, out);
  }
  out.push('</', name, '>');
}

/** By code points: `readXml` refuses characters of two units, so that of units is the same order. */
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function attributeText(value: string): string {
  return value.replace(/[&<"]/g, escaped);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(character: string): string {
  return ESCAPES[character] as string;
}
