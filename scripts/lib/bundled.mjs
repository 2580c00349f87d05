// @ts-check
import { build } from 'rolldown';
import { at } from './paths.mjs';

/**
 * A module with all that it imports, minified for browsers.
 *
 * @param {string} entry below the clone
 * @returns {Promise<{ first: Buffer[], later: Buffer[] }>} files that are there before it runs, and those that it fetches when it needs them
 */
export async function bundled(entry) {
  const { output } = await build({
    input: at(entry),
    write: false,
    platform: 'browser',
    logLevel: 'warn',
    checks: { bundlerTimings: false },
    output: { minify: true },
  });
  const chunks = output.flatMap((file) => (file.type === 'chunk' ? [file] : []));
  const first = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const { imports } of first) {
    for (const chunk of chunks) if (imports.includes(chunk.fileName)) first.add(chunk);
  }
  const codeOf = (/** @type {Iterable<{ code: string }>} */ files) => [...files].map(({ code }) => Buffer.from(code));
  return { first: codeOf(first), later: codeOf(chunks.filter((chunk) => !first.has(chunk))) };
}
