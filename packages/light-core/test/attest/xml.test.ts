import {
  MAX_RIM_BYTES,
  MAX_XML_ALL_ATTRIBUTES,
  MAX_XML_ATTRIBUTES,
  MAX_XML_ELEMENTS,
  MAX_XML_NAMESPACES,
  PerigeeError,
  utf8,
} from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { readXml } from '../../src/attest/nvidia/rim/xml.ts';

describe('XML', () => {
  const attributes = (count: number) => Array.from({ length: count }, (_, i) => ` a${i}=""`).join('');
  const spaces = (count: number) => Array.from({ length: count }, (_, i) => ` xmlns:n${i}="u"`).join('');
  const codeOf = (text: string) => {
    try {
      readXml(utf8(text));
      return 'none';
    } catch (error) {
      return PerigeeError.from(error).data?.check;
    }
  };

  it('has as many elements, attributes and namespaces as it may, and no more', () => {
    const full = `<b${attributes(MAX_XML_ATTRIBUTES)}/>`.repeat(MAX_XML_ALL_ATTRIBUTES / MAX_XML_ATTRIBUTES);
    expect(codeOf(`<r>${full}</r>`)).toBe('none');
    expect(codeOf(`<r${spaces(MAX_XML_NAMESPACES)}>${'<b/>'.repeat(MAX_XML_ELEMENTS - 1)}</r>`)).toBe('none');
    for (const text of [
      `<r>${full}<b a=""/></r>`,
      `<r${attributes(MAX_XML_ATTRIBUTES + 1)}/>`,
      `<r${spaces(MAX_XML_NAMESPACES)}><b xmlns="u"/></r>`,
      `<r>${'<b/>'.repeat(MAX_XML_ELEMENTS)}</r>`,
      `<r>${' '.repeat(MAX_RIM_BYTES)}</r>`,
    ]) {
      expect(codeOf(text)).toBe('TOO_LARGE');
    }
  });

  it('has the five references and no other', () => {
    expect(readXml(utf8('<r a="&lt;&apos;">&amp;&gt;&quot;b&amp;lt;</r>'))).toMatchObject({
      attributes: [{ value: "<'" }],
      children: ['&>"b&lt;'],
    });
    for (const text of ['&', '&;', '&lt', '&LT;', '&#60;', '&toString;', 'a&amp', '&amp;&nbsp;']) {
      expect(codeOf(`<r>${text}</r>`), text).toBe('PARSE');
    }
  });
});
