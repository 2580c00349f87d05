/** The program behind `npm run train:model`: `packages/compute/models/perigee-1.weights` from the texts in `packages/compute/training`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { makeModel, PLAN } from './training/index.ts';

const NAME = 'perigee-1';
const STEPS_PER_LINE = 20;

const [home = 'packages/compute', output = join(home, 'models')] = process.argv.slice(2);
const read = (name: string) => readFile(join(home, 'training', name), 'utf8');
const texts = { facts: await read('facts.txt'), prose: await read('prose.txt') };
const start = performance.now();
const { file, record } = await makeModel(NAME, PLAN, texts, {
  threads: Math.min(2, availableParallelism()),
  progress(step, bits) {
    if (step % STEPS_PER_LINE !== 0) return;
    const seconds = Math.round((performance.now() - start) / 1000);
    console.log(`step ${step} of ${PLAN.steps}: ${bits.toFixed(3)} bits a token (${seconds} s)`);
  },
});
await mkdir(output, { recursive: true });
await writeFile(join(output, `${NAME}.weights`), file);
await writeFile(join(output, `${NAME}.json`), `${JSON.stringify(record, null, 2)}\n`);

console.log(`${record.parameters} parameters, ${record.bytes} bytes, sha256 ${record.sha256}`);
for (const [kind, { bigram, single, int8 }] of Object.entries(record.bitsPerByte)) {
  console.log(`kept ${kind}, bits a byte: bigram ${bigram}, single precision ${single}, int8 ${int8}`);
}
