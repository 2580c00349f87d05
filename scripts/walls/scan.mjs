// @ts-check

/**
 * Source text with comments and the insides of strings blanked out: what is left is code. Offsets and line breaks stay.
 * Enough of TypeScript's grammar for a linted source: template literals keep their `${}` parts, and a slash starts a regular
 * expression where no value can end before it.
 *
 * @param {string} source
 * @param {{ keepStrings?: boolean }} [options] with `keepStrings` only comments go
 */
export function codeOf(source, { keepStrings = false } = {}) {
  let out = '';
  let last = ''; // the last character of code that is no space
  /** Depth of braces at which each open template literal continues. @type {number[]} */
  const templates = [];
  let braces = 0;
  let i = 0;
  const blank = (/** @type {string} */ text) => text.replace(/[^\n]/g, ' ');
  const take = (/** @type {number} */ end, /** @type {boolean} */ keep) => {
    out += keep ? source.slice(i, end) : blank(source.slice(i, end));
    i = end;
  };
  /** From inside a template literal to its end or to the next `${`. */
  const template = () => {
    let end = i;
    while (end < source.length && source[end] !== '`' && !(source[end] === '$' && source[end + 1] === '{'))
      end += source[end] === '\\' ? 2 : 1;
    take(Math.min(end, source.length), keepStrings);
    if (source[i] === '$') {
      templates.push(braces++);
      take(i + 2, true);
      last = '{';
    } else {
      take(Math.min(i + 1, source.length), true);
      last = '`';
    }
  };
  while (i < source.length) {
    const char = source[i] ?? '';
    if (char === '/' && source[i + 1] === '/') {
      const end = source.indexOf('\n', i);
      take(end < 0 ? source.length : end, false);
    } else if (char === '/' && source[i + 1] === '*') {
      const end = source.indexOf('*/', i + 2);
      take(end < 0 ? source.length : end + 2, false);
    } else if (char === "'" || char === '"') {
      let end = i + 1;
      while (end < source.length && source[end] !== char && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1;
      take(i + 1, true);
      take(Math.min(end, source.length), keepStrings);
      take(Math.min(i + 1, source.length), true);
      last = char;
    } else if (char === '`') {
      take(i + 1, true);
      template();
    } else if (char === '}' && templates.at(-1) === braces - 1) {
      templates.pop();
      braces--;
      take(i + 1, true);
      template();
    } else if (char === '/' && (last === '' || '(,=:[!&|?{};+-*%<>~^'.includes(last) || /\b(return|typeof|case)\s*$/.test(out))) {
      const end = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/.exec(source.slice(i))?.[0].length ?? 1;
      take(i + end, false);
      last = '/';
    } else {
      if (char === '{') braces++;
      if (char === '}') braces--;
      if (char.trim() !== '') last = char;
      take(i + 1, true);
    }
  }
  return out;
}

const IMPORTS =
  /\b(?:import|export)\s(?:[\w*{}\s,$]*?\sfrom\s*)?['"]([^'"\n]+)['"]|\bimport\s*\(\s*['"]([^'"\n]+)['"]|\bnew\s+URL\(\s*['"](\.[^'"\n]+)['"]\s*,\s*import\.meta\.url/g;

/**
 * What a module imports: static, re-exported, dynamic, or as the file of a worker.
 *
 * @param {string} source
 * @returns {{ specifier: string, line: number }[]}
 */
export function importsOf(source) {
  const code = codeOf(source, { keepStrings: true });
  const plain = codeOf(source);
  return [...code.matchAll(IMPORTS)]
    .filter(({ index, 0: text }) => plain.startsWith(text.slice(0, 3), index)) // not the text of a string
    .map((match) => ({ specifier: match[1] ?? match[2] ?? match[3] ?? '', line: lineAt(source, match.index) }));
}

/**
 * Free uses of a global name, or of an expression on one such as `Date.now`. A member after a dot and a key before a colon are no uses;
 * a local of a global's name is taken for one, so do not name it so.
 *
 * @param {string} source
 * @param {readonly string[]} names
 * @returns {{ name: string, line: number }[]}
 */
export function globalsIn(source, names) {
  const code = codeOf(source);
  return names.flatMap((name) => {
    const words = name.split(/\b/).map((word) => word.trim().replace(/[().]/g, '\\$&'));
    const end = /\w$/.test(name) ? '(?![\\w$])' : '';
    return [...code.matchAll(new RegExp(`(?<![\\w$.#])${words.join('\\s*')}${end}`, 'g'))]
      .filter(({ index, 0: text }) => !isKey(code.slice(0, index), code.slice(index + text.length)))
      .map(({ index }) => ({ name, line: lineAt(source, index) }));
  });
}

/** A name before a colon is a key or a parameter, unless a question mark made it the middle of a condition. @param {string} before @param {string} after */
function isKey(before, after) {
  return /^\??\s*:/.test(after) && !/\?\s*$/.test(before);
}

/** @param {string} text @param {number} index */
function lineAt(text, index) {
  return text.slice(0, index).split('\n').length;
}
