// @ts-check
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus, release, totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { figureFault, reportFault, withinBudget } from '../bench/schema.mjs';
import { buildAll } from './build.mjs';
import { ensureCometbft } from './cometbft.mjs';
import { start } from './lib/children.mjs';
import { filesUnder } from './lib/files.mjs';
import { NODE_FLAGS } from './lib/node-flags.mjs';
import { at, ROOT } from './lib/paths.mjs';
import { main, UserError } from './lib/step.mjs';
import { setUp } from './setup.mjs';

/** @typedef {import('../bench/schema.mjs').Figure} Figure */

await main(async () => {
  const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true });
  if (values.json) console.log = console.error; // standard output holds the report and nothing else
  await setUp();
  await buildAll();
  const { buildBenches } = await import('./build/bench.mjs');
  await buildBenches();

  const all = filesUnder(['bench'], (file) => file.endsWith('.bench.ts')).map((file) =>
    file.slice('bench/'.length, -'.bench.ts'.length),
  );
  const unknown = positionals.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new UserError(`There is no bench "${unknown}"; there are ${all.join(', ')}.`);
  /** @type {Figure[]} */
  const figures = [];
  for (const name of positionals.length > 0 ? positionals : all) {
    const obstacle = await obstacleTo(name);
    if (obstacle === undefined) figures.push(...(await run(name)));
    else console.log(`skipped: the figures of ${name}: ${obstacle}`);
  }

  const report = { machine: machine(), commit: commit(), figures };
  const fault = reportFault(report);
  if (fault !== undefined) throw new UserError(fault);
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else print(figures);
});

/** Why a program cannot run here, if so. @param {string} name @returns {Promise<string | undefined>} */
async function obstacleTo(name) {
  if (name !== 'cometbft') return undefined;
  const cometbft = await ensureCometbft();
  if ('reason' in cometbft) return cometbft.reason;
  process.env.PERIGEE_COMETBFT = cometbft.path;
  return undefined;
}

/** Runs one program; it prints a line `FIGURE {json}` for each figure. @param {string} name @returns {Promise<Figure[]>} */
async function run(name) {
  console.log(`· ${name} …`);
  const child = start(process.execPath, [...NODE_FLAGS, at(`dist/bench/${name}.bench.js`)], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  /** @type {Figure[]} */
  const figures = [];
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('FIGURE ')) figures.push(JSON.parse(line.slice('FIGURE '.length)));
      else console.log(line);
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new UserError(`The bench "${name}" ended with exit code ${code}.`);
  const fault = figures.map(figureFault).find((one) => one !== undefined);
  if (fault !== undefined) throw new UserError(`The bench "${name}" gave a bad figure: ${fault}.`);
  return figures;
}

function machine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform}-${process.arch} ${release()}`,
    node: process.versions.node,
  };
}

function commit() {
  try {
    const git = (/** @type {string[]} */ ...args) =>
      execFileSync('git', ['-c', 'safe.directory=*', ...args], {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+changes');
  } catch {
    return 'unknown';
  }
}

/** @param {readonly Figure[]} figures */
function print(figures) {
  const rows = figures.map((figure) => {
    const { name, unit, median, min, max, n, budget, peer } = figure;
    const kept = withinBudget(figure);
    return [
      name,
      `${short(median)} ${unit}`,
      `${short(min)} to ${short(max)}`,
      String(n),
      budget === null ? '' : `${short(budget)} ${kept ? 'kept' : 'MISSED'}`,
      peer === null ? '' : `${peer.name} ${short(peer.median)} (ratio ${short(median / peer.median)})`,
    ];
  });
  const table = [['figure', 'median', 'range', 'n', 'budget', 'beside'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

/** Three significant digits. @param {number} value */
function short(value) {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
