import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '@perigee/wire';
import { beforeAll, describe, expect, it } from 'vitest';
import { crashRounds, createRandom, randomOf, startProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import { block, carry, openState, restore, writesOf } from './states.ts';

const ROUNDS = process.env.PERIGEE_LONG === '1' ? 100 : 2;
/** Blocks that one process makes, with a snapshot of every second. */
const LAST = 8;
const BLOCKS = (ROUNDS + 1) * LAST;
const SNAPSHOT = 6;
const job = fileURLToPath(new URL('../../../../dist/test/jobs/snapshot-crash.job.js', import.meta.url));

/** What every node that has the block has: computed once, without a crash. */
const appHashes = new Map<number, string>();
const source = join(temporaryFolder('source'), 'snapshot.json');

beforeAll(async () => {
  const kept = await openState(undefined, SNAPSHOT);
  for (let height = 1; height <= BLOCKS; height++) {
    appHashes.set(height, toHex(await block(kept, writesOf(kept.state, createRandom(height), { writes: 20, bytes: 60_000 }))));
    if (height !== SNAPSHOT) continue;
    const { snapshot, chunks } = await carry(kept.snapshots);
    expect(chunks.length).toBeGreaterThan(1);
    const hex = (_: string, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value);
    writeFileSync(source, JSON.stringify({ snapshot, chunks, appHash: kept.state.latest?.appHash }, hex));
  }
  await kept.close();
});

/** Opens a state after a kill: it is one of those that are due, and goes on. */
async function check(dir: string, interval: number): Promise<{ readonly height: number; readonly snapshots: readonly number[] }> {
  const kept = await openState(dir, interval);
  const { height = 0, appHash = new Uint8Array(0) } = kept.state.latest ?? {};
  if (height > 0) expect(toHex(appHash)).toBe(appHashes.get(height));
  // every snapshot that it offers is whole
  const heights = kept.snapshots.list().map((snapshot) => snapshot.height);
  for (const snapshot of kept.snapshots.list()) {
    const empty = await openState();
    const due = Buffer.from(appHashes.get(snapshot.height) ?? '', 'hex');
    expect(await restore(empty.snapshots, await carry(kept.snapshots, snapshot), due)).toBe('accept');
    await empty.close();
  }
  if (interval > 0) expect(readdirSync(join(dir, 'snapshots')).map(Number).toSorted()).toEqual(heights.toSorted());
  await kept.close();
  return { height, snapshots: heights };
}

describe.each([undefined, 'unsynced'] as const)('killed inside a write, files cut: %s', { timeout: ROUNDS * 30_000 }, (cut) => {
  it(`${ROUNDS} times while snapshots are taken, a node has its state, and whole snapshots`, async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const folder = temporaryFolder('take');
    let reached = 0;
    await crashRounds({
      folder,
      rounds: ROUNDS,
      // the first start has the most; each block has one, each snapshot six or more
      within: 30,
      random,
      cut,
      start: (env) => startProcess(job, ['take', folder, String(reached + LAST)], { env }),
      async check() {
        const { height } = await check(folder, 2);
        expect(height).toBeGreaterThanOrEqual(reached);
        reached = height;
      },
    });
  });

  it(`${ROUNDS} times while a snapshot is restored, a node is empty or has all of it, and ends where the others are`, async ({
    onTestFailed,
  }) => {
    const random = randomOf(onTestFailed);
    for (let round = 0; round < ROUNDS; round++) {
      const folder = temporaryFolder('restore');
      const start = (env = {}) => startProcess(job, ['restore', folder, String(LAST), source], { env });
      await crashRounds({
        folder,
        rounds: 1,
        // what a restore and the blocks after it take; a process that outlives its draw leaves nothing to do for the next
        within: 10,
        random,
        cut,
        start,
        async check() {
          const { height } = await check(folder, 0);
          expect(height === 0 || height >= SNAPSHOT).toBe(true);
        },
      });
      const child = start();
      expect(await child.exit).toEqual({ code: 0, signal: null });
      expect(await check(folder, 0)).toEqual({ height: LAST, snapshots: [] });
    }
  });
});
