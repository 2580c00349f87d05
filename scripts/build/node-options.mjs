// @ts-check

/**
 * Packages that stay outside of the bundle: those that load a native file lying beside them, and what `ws` uses only where it is installed.
 * All else is bundled, because finding and reading hundreds of small files is most of a cold start.
 */
const EXTERNAL = [/^node-datachannel/, /^classic-level/, /^bufferutil$/, /^utf-8-validate$/];

/** What all bundles for Node share. */
export const nodeOptions = {
  platform: /** @type {const} */ ('node'),
  external: EXTERNAL,
  logLevel: /** @type {const} */ ('warn'),
  output: { format: /** @type {const} */ ('es'), sourcemap: true },
};
