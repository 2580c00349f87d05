// @ts-check

/**
 * Packages that stay outside of the bundle: they load a native file that lies beside them.
 * All else is bundled, because reading hundreds of small files is most of a cold start.
 */
const EXTERNAL = [/^node-datachannel/, /^classic-level/];

/** What all bundles for Node share. */
export const nodeOptions = {
  platform: /** @type {const} */ ('node'),
  external: EXTERNAL,
  logLevel: /** @type {const} */ ('warn'),
  resolve: { conditionNames: ['node', 'import'] },
  output: { format: /** @type {const} */ ('es'), sourcemap: true },
};
