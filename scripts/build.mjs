// @ts-check
import { pathToFileURL } from 'node:url';
import { main } from './lib/step.mjs';

/** Builds what changed: the program for Node with its jobs and kernels, the page and the extension. Needs the installed packages. */
export async function buildAll() {
  const [{ buildJobs }, { buildNode, buildNodeWasm }, { buildPwa }, { buildExtension }] = await Promise.all([
    import('./build/jobs.mjs'),
    import('./build/node.mjs'),
    import('./build/pwa.mjs'),
    import('./build/extension.mjs'),
  ]);
  await buildNodeWasm();
  await buildJobs();
  await buildNode();
  await buildPwa();
  await buildExtension();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(buildAll);
