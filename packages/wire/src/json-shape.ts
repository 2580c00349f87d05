import { PerigeeError } from './error.ts';
import { MAX_HTTP_JSON_DEPTH, MAX_HTTP_JSON_TOKENS } from './limits-zerog.ts';

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, COMMA, COLON] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d, 0x2c, 0x3a,
];

/**
 * Look at a text of JSON before it is parsed: what it would become may be a hundred times as large. Strings, which may be long, are skipped.
 *
 * @param text in UTF-8
 * @throws PARSE when it has more tokens or lies more than MAX_HTTP_JSON_DEPTH deep
 */
export function checkJsonShape(text: Uint8Array, maxTokens = MAX_HTTP_JSON_TOKENS): void {
  let tokens = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case QUOTE:
        tokens++;
        at = endOfString(text, at, maxTokens);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        tokens++;
        if (++depth > MAX_HTTP_JSON_DEPTH) throw new PerigeeError('PARSE', `it is nested more than ${MAX_HTTP_JSON_DEPTH} deep`);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
      case COLON:
        tokens++;
        break;
    }
    if (tokens > maxTokens) throw new PerigeeError('PARSE', `it has more than ${maxTokens} values`);
  }
}

/** @param start place of its first quote @returns that of its last, or the end of the text */
function endOfString(text: Uint8Array, start: number, maxEscapes: number): number {
  let escapes = 0;
  for (let at = start + 1; ; ) {
    const quote = text.indexOf(QUOTE, at);
    if (quote < 0) return text.length;
    let backslashes = 0;
    while (quote - 1 - backslashes > start && text[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote;
    escapes += 1 + backslashes;
    if (escapes > maxEscapes) throw new PerigeeError('PARSE', `a string in it has more than ${maxEscapes} escapes`);
    at = quote + 1;
  }
}
