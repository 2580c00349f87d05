// @ts-check

/**
 * Packages that stay outside of the bundle: those that load files lying beside them or need not be installed, and what `ws` uses only where it is installed.
 * All else is bundled, because finding and reading hundreds of small files is most of a cold start.
 */
const EXTERNAL = [/^node-datachannel/, /^classic-level/, /^@energetic-ai\//, /^bufferutil$/, /^utf-8-validate$/];

/**
 * Writes what is beyond ASCII as escapes. V8 keeps the source of a program for as long as it runs, and two bytes for each character once a single one needs it:
 * 4 MiB more for `perigee light`.
 */
const ascii = {
  name: 'ascii',
  generateBundle(/** @type {unknown} */ _options, /** @type {import('rolldown').OutputBundle} */ bundle) {
    for (const file of Object.values(bundle)) if (file.type === 'chunk') file.code = escaped(file.code);
  },
};

function escaped(/** @type {string} */ code) {
  return code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What all bundles for Node share. What is not found is an error: a bundle with a hole in it is no output. */
export const nodeOptions = {
  platform: /** @type {const} */ ('node'),
  external: EXTERNAL,
  plugins: [ascii],
  logLevel: /** @type {const} */ ('warn'),
  // One command may load late what another has at once, and a slow machine takes its time: of no use to whoever starts the program for the first time.
  checks: { ineffectiveDynamicImport: false, bundlerTimings: false },
  onLog: /** @type {NonNullable<import('rolldown').InputOptions['onLog']>} */ (
    (level, log, defaultHandler) => defaultHandler(log.code === 'UNRESOLVED_IMPORT' ? 'error' : level, log)
  ),
  output: { format: /** @type {const} */ ('es'), sourcemap: true },
};
