// @ts-check
import { buildAll } from './build.mjs';
import { isStopping } from './lib/children.mjs';
import { main, readOptions, seconds, UserError } from './lib/step.mjs';
import { setUp } from './setup.mjs';
import { chromiumStages, cometbftStages, staticStages, unitStages, wasmStages } from './test/stages.mjs';
import { emptyTally, lastLine, sum } from './test/tally.mjs';

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
  const tallies = [];
  for (const stage of plan(values)) {
    if (isStopping()) return;
    const stageStart = Date.now();
    console.log(`· ${stage.name} …`);
    const tally = await stage.run().catch((error) => {
      console.log(error instanceof UserError ? error.message : error);
      return { ...emptyTally(), failed: [`${stage.name} stopped`] };
    });
    console.log(`· ${stage.name}: ${lastLine(tally)} (${seconds(stageStart)})`);
    tallies.push(tally);
    if (stage.name === 'setup' && tally.failed.length > 0) break; // nothing else can run
  }
  const total = sum(tallies);
  for (const { name, reason } of total.skipped) console.log(`skipped: ${name}: ${reason}`);
  for (const name of total.failed) console.log(`failed: ${name}`);
  console.log(`took ${seconds(start)}`);
  console.log(lastLine(total));
  process.exitCode = total.failed.length === 0 ? 0 : 1;
});

/**
 * Groups are made only when it is their turn: finding Chromium may install it.
 *
 * @param {{ long: boolean, 'rebuild-wasm': boolean, cometbft: boolean, only?: string[] | undefined }} values
 * @returns {Iterable<import('./test/run.mjs').Stage>}
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
  yield { name: 'setup', run: () => setUp().then(emptyTally) };
  yield { name: 'build', run: () => buildAll().then(emptyTally) };
  for (const [name, stages] of Object.entries(groups)) if (only === undefined || only.includes(name)) yield* stages();
}
