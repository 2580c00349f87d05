// Downloads files as an application of 0G's SDK does: one JSON {sdk, url, roots, proof} on standard input; out a JSON list of {ms, bytes, error}, one after
// another. The node at the URL is the indexer.

import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';

const require = createRequire(import.meta.url);
console.log = (...words) => console.error(...words); // the SDK writes there what it does

const { sdk, url, roots, proof } = await json(process.stdin);
const { Indexer } = require(sdk);
const answers = [];
for (const root of roots) {
  const begun = performance.now();
  const [blob, error] = await new Indexer(url).downloadToBlob(root, { proof });
  const bytes = blob === null ? 0 : (await blob.arrayBuffer()).byteLength;
  answers.push({ ms: performance.now() - begun, bytes, error: error === null ? null : String(error) });
}
process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit(0)); // its providers would go on polling
