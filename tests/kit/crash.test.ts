import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClassicLevel } from 'classic-level';
import { expect, it, onTestFailed } from 'vitest';
import { crashRounds, planCrash } from './crash.ts';
import { temporaryFolder } from './folder.ts';
import { startProcess } from './process.ts';
import { randomOf } from './random.ts';

const VICTIM = fileURLToPath(new URL('crash-victim.mjs', import.meta.url));
const RECORD = 64 * 1024;
const ROUNDS = process.env.PERIGEE_LONG === '1' ? 100 : 20;

/** Numbers that the process said were safe. */
function told(output: string, what: string): number[] {
  return [...output.matchAll(new RegExp(`^${what} (\\d+)$`, 'gm'))].map(([, number]) => Number(number));
}

it(`kills inside writes: ${ROUNDS} times, and nothing told is gone though files are cut`, {
  timeout: ROUNDS * 10_000,
}, async () => {
  const folder = temporaryFolder('victim');
  const random = randomOf(onTestFailed);
  let logged = 0;
  let next = 0;
  const tally = await crashRounds({
    rounds: ROUNDS,
    folder,
    within: 60,
    random,
    cut: 'unsynced',
    start: (env) => startProcess(VICTIM, [folder, `${next}`], { env }),
    check: async (crash, child) => {
      expect((await child.exit).signal).toBe('SIGKILL');
      logged += told(child.stdout(), 'log').length;
      const path = join(folder, 'log');
      const { size } = statSync(path);
      // every record that was flushed, and at most a part of the one in which the kill fell, or all of it
      expect(size).toBeGreaterThanOrEqual(logged * RECORD);
      expect(size).toBeLessThanOrEqual((logged + 1) * RECORD);
      if (crash.kind === 'write' && crash.path.endsWith('log') && crash.cut === undefined) {
        expect(size).toBe(logged * RECORD + (crash.written ?? 0));
      }
      truncateSync(path, logged * RECORD);
      const level = new ClassicLevel(join(folder, 'level'));
      for (const number of told(child.stdout(), 'level')) expect(await level.get(`${number}`)).toHaveLength(1_000);
      await level.close();
      // a file that is renamed into its place is there whole, or the one before it is
      if (existsSync(join(folder, 'whole'))) expect(statSync(join(folder, 'whole')).size).toBe(RECORD);
      next = Math.max(next, ...told(child.stdout(), 'log')) + 1;
    },
  });
  console.log(`crash harness: ${JSON.stringify(tally)}, seed ${random.seed}`);
  expect(tally.kills).toBe(ROUNDS);
  expect(tally.torn).toBeGreaterThan(0);
  expect(Object.keys(tally.byKind).length).toBeGreaterThan(1);
});

it('leaves a torn write exactly as it was torn, and says where', async () => {
  const folder = temporaryFolder('victim');
  const planned = planCrash({ folder, operation: 1, random: randomOf(onTestFailed) });
  const crash = await planned.happened(startProcess(VICTIM, [folder], { env: planned.env }));
  expect(crash).toMatchObject({ operation: 1, kind: 'write', bytes: RECORD });
  expect(readFileSync(join(folder, 'log'))).toHaveLength(crash?.written ?? -1);
});

it('says when the process ended before its operation', async () => {
  const folder = temporaryFolder('victim');
  const planned = planCrash({ folder, operation: 1_000_000, random: randomOf(onTestFailed) });
  const child = startProcess(VICTIM, [folder], { env: planned.env });
  await child.line(/^level 3$/);
  await child.kill();
  expect(await planned.happened(child)).toBeUndefined();
});
