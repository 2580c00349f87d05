/** The program behind `npm run model:answers`: answers the prompts of a fixture anew with the committed weights, and writes it. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { type Generated, type GenerationParameters, loadModel, type Prompt } from '@perigee/light-core/model';
import { concatAll, toHex } from '@perigee/wire';

interface Fixture {
  readonly source: string;
  readonly sha256: string;
  readonly answers: readonly (Generated & {
    readonly prompt: Prompt;
    readonly parameters: GenerationParameters;
    readonly bytes: string;
  })[];
}

const [weights = 'packages/compute/models/perigee-1.weights', path = 'tests/vectors/model-answers.json'] = process.argv.slice(2);
const file = new Uint8Array(await readFile(weights));
// TypeScript multiplies: the kernels are compared with it
const model = loadModel(file);
const before = JSON.parse(await readFile(path, 'utf8')) as Fixture;
const answers = before.answers.map(({ prompt, parameters }) => {
  const run = model.generate(prompt, parameters);
  const parts: Uint8Array[] = [];
  for (;;) {
    const { done, value } = run.next();
    if (done === true) return { prompt, parameters, bytes: toHex(concatAll(parts)), finish: value.finish, usage: value.usage };
    parts.push(value.bytes);
  }
});
const sha256 = createHash('sha256').update(file).digest('hex');
await writeFile(path, `${JSON.stringify({ source: before.source, sha256, answers }, null, 2)}\n`);
const changed = answers.filter(({ bytes }, i) => bytes !== before.answers[i]?.bytes).length;
console.log(`${path}: ${answers.length} answers of ${sha256}, ${changed} of them other than before`);
