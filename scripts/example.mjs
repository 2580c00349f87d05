// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { start } from './lib/children.mjs';
import { NODE_FLAGS } from './lib/node-flags.mjs';
import { at } from './lib/paths.mjs';
import { main, UserError } from './lib/step.mjs';
import { setUp } from './setup.mjs';

/** Builds and runs an example: `npm run example NAME -- WORDS`. */
await main(async () => {
  const [name = '', ...words] = process.argv.slice(2);
  const examples = readdirSync(at('examples')).filter((file) => existsSync(at(`examples/${file}/main.ts`)));
  if (!examples.includes(name)) {
    const wrong = name === '' ? 'Name an example' : `There is no example "${name}"`;
    throw new UserError(`${wrong}: npm run example NAME -- WORDS, where NAME is ${examples.join(' or ')}.`);
  }
  await setUp();
  const [{ buildJobs }, { buildNodeWasm }, { buildExamples }] = await Promise.all([
    import('./build/jobs.mjs'),
    import('./build/node.mjs'),
    import('./build/examples.mjs'),
  ]);
  await buildNodeWasm();
  await buildJobs();
  await buildExamples();
  const program = at(`dist/examples/${name}.js`);
  const child = start(process.execPath, [...NODE_FLAGS, program, ...words], { stdio: 'inherit' });
  process.exitCode = await new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
});
