// @ts-check
import { readFileSync } from 'node:fs';
import { filesUnder } from './lib/files.mjs';
import { at } from './lib/paths.mjs';
import { main, UserError } from './lib/step.mjs';
import { breaches, unranked } from './walls/rules.mjs';

await main(async () => {
  const packages = filesUnder(['packages', 'apps'], (path) => /^\w+\/[^/]+\/package\.json$/.test(path)).map((path) => ({
    folder: path.slice(0, -'/package.json'.length),
    manifest: JSON.parse(readFileSync(at(path), 'utf8')),
  }));
  const sources = filesUnder(['packages', 'apps'], (path) => /^\w+\/[^/]+\/src\/.*\.tsx?$/.test(path)).map((path) => ({
    path,
    text: readFileSync(at(path), 'utf8'),
  }));
  const found = [...unranked(packages), ...breaches(packages, sources)];
  if (found.length > 0)
    throw new UserError(`${found.join('\n')}\n${found.length} breaches of the walls between packages (DESIGN §2).`);
});
