// @ts-check
import { buildAll } from './build.mjs';
import { isStopping } from './lib/children.mjs';
import { main, readOptions, seconds, UserError } from './lib/step.mjs';
import { setUp } from './setup.mjs';
import { chromiumStages, cometbftStages, staticStages, unitStages, wasmStages } from './test/stages.mjs';
import { emptyTally, lastLine, sum } from './test/tally.mjs';

/** @typedef {import('./test/run.mjs').Stage} Stage */

const USAGE = `npm test -- [--long] [--rebuild-wasm] [--cometbft] [--only GROUP]...
  --long          the counts that the issues name; takes longer; rebuilds the kernels too
  --rebuild-wasm  also checks that the committed kernels are what their sources give
  --cometbft      also runs the tests with CometBFT, which is built with Go where that is installed
  --only GROUP    static, wasm, unit, chromium or cometbft`;

await main(async () => {
  const values = readOptions(
    {
      options: {
        long: { type: 'boolean', default: false },
        'rebuild-wasm': { type: 'boolean', default: false },
        cometbft: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
      },
    },
    USAGE,
  );
  if (values.long) process.env.PERIGEE_LONG = '1';

  const start = Date.now();
  /** @type {import('./test/tally.mjs').Tally[]} */
  const tallies = [];
  for (const { name, lanes } of plan(values)) {
    tallies.push(...(await Promise.all(lanes.map(runInTurn))).flat());
    if (isStopping()) return;
    if (name === 'setup' && sum(tallies).failed.length > 0) break; // nothing else can run
  }
  const total = sum(tallies);
  for (const { name, reason } of total.skipped) console.log(`skipped: ${name}: ${reason}`);
  for (const name of total.failed) console.log(`failed: ${name}`);
  console.log(`took ${seconds(start)}`);
  console.log(lastLine(total));
  process.exitCode = total.failed.length === 0 ? 0 : 1;
});

/**
 * @param {readonly Stage[]} stages
 * @returns what each found
 */
async function runInTurn(stages) {
  const tallies = [];
  for (const stage of stages) {
    if (isStopping()) break;
    const start = Date.now();
    console.log(`· ${stage.name} …`);
    const tally = await stage.run().catch((error) => {
      console.log(error instanceof UserError ? error.message : error);
      return { ...emptyTally(), failed: [`${stage.name} stopped`] };
    });
    console.log(`· ${stage.name}: ${lastLine(tally)} (${seconds(start)})`);
    tallies.push(tally);
  }
  return tallies;
}

/**
 * What is done one after the other: lanes that go side by side, each of stages that follow each other. Groups are made only when it is their turn:
 * finding Chromium may install it.
 *
 * @param {{ long: boolean, 'rebuild-wasm': boolean, cometbft: boolean, only?: string[] | undefined }} values
 * @returns {Iterable<{ name: string, lanes: Stage[][] }>}
 */
function* plan({ long, 'rebuild-wasm': rebuild, cometbft, only }) {
  const groups = {
    static: staticStages,
    wasm: only !== undefined || long || rebuild ? wasmStages : () => [],
    unit: unitStages,
    chromium: chromiumStages,
    cometbft: only !== undefined || cometbft ? cometbftStages : () => [],
  };
  const unknown = only?.find((name) => !(name in groups));
  if (unknown !== undefined) throw new UserError(`There is no group "${unknown}".\n${USAGE}`);
  /** @param {keyof typeof groups} name */
  const made = (name) => (only === undefined || only.includes(name) ? groups[name]() : []);
  yield { name: 'setup', lanes: [[{ name: 'setup', run: () => setUp().then(emptyTally) }]] };
  yield { name: 'build', lanes: [[{ name: 'build', run: () => buildAll().then(emptyTally) }]] };
  const inBrowsers = made('chromium');
  const others = [...made('static'), ...made('wasm'), ...made('unit')];
  // the end-to-end tests wait for blocks, connections and processes much of the time, in which the others compute; long counts have the machine for themselves
  const endToEnd = inBrowsers.filter(({ name }) => name === 'e2e');
  const inPages = inBrowsers.filter(({ name }) => name !== 'e2e');
  yield { name: 'tests', lanes: long ? [[...others, ...inBrowsers]] : [endToEnd, [...others, ...inPages]] };
  yield { name: 'cometbft', lanes: [made('cometbft')] }; // five CometBFTs have to keep their times
}
