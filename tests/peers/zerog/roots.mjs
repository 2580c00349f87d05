// What 0G's SDK makes of files: one JSON list of {length, seed} on standard input; out the data root and the submission's nodes of each.

import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';

const { MemData } = createRequire(import.meta.url)('@0gfoundation/0g-ts-sdk');

/** The same bytes as `sampleBytes` of packages/light-core/test/storage/sample.ts. */
function sampleBytes(length, seed) {
  const out = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
}

const answers = [];
for (const { length, seed } of await json(process.stdin)) {
  const file = new MemData(sampleBytes(length, seed));
  const [tree, treeError] = await file.merkleTree();
  const [submission, error] = await file.createSubmission('0x');
  if (treeError !== null || error !== null) throw treeError ?? error;
  answers.push({
    root: tree.rootHash(),
    nodes: submission.data.nodes.map(({ root, height }) => ({ root, height: Number(height) })),
  });
}
console.log(JSON.stringify(answers));
