import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Network, startNetwork, startPerigee, temporaryFolder } from '../../../tests/kit/index.ts';
import { peakOf, TELL_MEMORY, toldPeak } from '../../../tests/kit/memory.ts';
import { untilWritten } from '../../../tests/kit/moment.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const MIB = 2 ** 20;
/** MiB of the folder; fewer for who wants to look quickly. */
const FOLDER_MIB = Number(process.env.PERIGEE_FOLDER_MIB ?? 2_048);
/** Bytes of its files. */
const SIZES = [0.59, 0.24, 0.15, 0.02].map((share) => Math.floor(share * FOLDER_MIB * MIB) + 77).concat(3_000, 200, 0);
const MOST_MIB = 300;

let network: Network;
beforeAll(async () => {
  if (LONG) network = await startNetwork({ storageBudgetGib: 4 });
});
afterAll(() => network?.stop());

function fill(path: string, size: number): void {
  const file = openSync(path, 'w');
  const piece = Buffer.alloc(16 * MIB);
  for (let at = 0; at < size; at += piece.length) writeSync(file, randomFillSync(piece), 0, Math.min(piece.length, size - at));
  closeSync(file);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function end(child: ReturnType<typeof startPerigee>): Promise<string> {
  const { code } = await child.exit;
  expect(code, child.output()).toBe(0);
  return child.output();
}

it.runIf(LONG)(
  `a folder of ${FOLDER_MIB} MiB is stored and fetched in at most 300 MB on both sides, and goes on after kills`,
  { timeout: 3_600_000 },
  async () => {
    const home = temporaryFolder('large');
    const folder = join(home, 'folder');
    mkdirSync(folder);
    SIZES.forEach((size, i) => void fill(join(folder, `file ${i}`), size));
    const words = ['--chain', network.chain, '--home', home];
    const options = { env: TELL_MEMORY };
    const put = (...more: string[]) => startPerigee(['put', folder, ...words, '--key', network.account, ...more], options);
    const killed = put();
    await untilWritten(killed, /^upload 30 %$/m);
    await killed.kill();
    const putOutput = await end(put('--json'));
    const { root, paidFiles } = JSON.parse(putOutput.split('\n').find((line) => line.startsWith('{"root"')) ?? '{}');
    expect(paidFiles).toBe(0); // the run that was killed had paid
    const target = join(home, 'got');
    const get = () => startPerigee(['get', root, '-o', target, '--chain', network.chain], options);
    const killedGet = get();
    await untilWritten(killedGet, /^fetch 40 %$/m);
    await killedGet.kill();
    const getOutput = await end(get());
    for (const name of readdirSync(folder))
      expect(await digestOf(join(target, name)), name).toBe(await digestOf(join(folder, name)));
    const peaks = { put: toldPeak(putOutput), get: toldPeak(getOutput), nodes: network.pids.map(peakOf) };
    console.log(`peak memory for a folder of ${FOLDER_MIB} MiB, MiB: ${JSON.stringify(peaks)}`);
    for (const peak of [peaks.put, peaks.get, ...peaks.nodes]) if (peak !== undefined) expect(peak).toBeLessThanOrEqual(MOST_MIB);
    rmSync(home, { recursive: true });
  },
);
