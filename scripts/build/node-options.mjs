// @ts-check

/**
 * Packages that stay outside of the bundle: those that load a native file lying beside them, and what `ws` uses only where it is installed.
 * All else is bundled, because finding and reading hundreds of small files is most of a cold start.
 */
const EXTERNAL = [/^node-datachannel/, /^classic-level/, /^bufferutil$/, /^utf-8-validate$/];

/** What all bundles for Node share. What is not found is an error: a bundle with a hole in it is no output. */
export const nodeOptions = {
  platform: /** @type {const} */ ('node'),
  external: EXTERNAL,
  logLevel: /** @type {const} */ ('warn'),
  onLog: /** @type {NonNullable<import('rolldown').InputOptions['onLog']>} */ (
    (level, log, defaultHandler) => defaultHandler(log.code === 'UNRESOLVED_IMPORT' ? 'error' : level, log)
  ),
  output: { format: /** @type {const} */ ('es'), sourcemap: true },
};
