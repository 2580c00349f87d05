import { createHash } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_SNAPSHOT_CHUNK_BYTES, SNAPSHOT_CHUNK_BYTES, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { createRandom, randomOf, temporaryFolder } from '../../../../tests/kit/index.ts';
import { chunksOf } from '../../src/snapshot/chunks.ts';
import { block, carry, genesis, type Kept, openState, restore, writesOf } from './states.ts';

const SMALL = { writes: 60, bytes: 50 };
const LARGE = { writes: 20, bytes: 240_000 };

async function grow(kept: Kept, to: number, random = createRandom(1), entries = SMALL): Promise<Uint8Array> {
  let appHash = kept.state.latest?.appHash ?? new Uint8Array(0);
  while ((kept.state.latest?.height ?? 0) < to) appHash = await block(kept, writesOf(kept.state, random, entries));
  return appHash;
}

/** For what is too large to be compared byte by byte. */
function digestOf(chunks: Iterable<Uint8Array>): string {
  const digest = createHash('sha256');
  for (const chunk of chunks) digest.update(chunk);
  return digest.digest('hex');
}

describe('a snapshot', () => {
  for (const [what, entries] of [
    ['one chunk', SMALL],
    ['several chunks', LARGE],
  ] as const) {
    it(`of ${what} restores the identical state, which goes on identically`, async ({ onTestFailed }) => {
      const random = randomOf(onTestFailed);
      const first = await openState(undefined, 7);
      const appHash = await grow(first, 7, random, entries);
      const carried = await carry(first.snapshots);
      if (entries === LARGE) expect(carried.chunks.length).toBeGreaterThan(2);
      for (const chunk of carried.chunks.slice(0, -1)) {
        expect(chunk.length).toBeGreaterThan(SNAPSHOT_CHUNK_BYTES / 2);
        expect(chunk.length).toBeLessThanOrEqual(MAX_SNAPSHOT_CHUNK_BYTES);
      }
      const dir = temporaryFolder('restored');
      let second = await openState(dir, 7, 5);
      expect(await restore(second.snapshots, carried, appHash)).toBe('accept');
      expect(second.state.latest).toMatchObject({ height: 7, appHash });
      expect(digestOf(chunksOf(second.state.exportState(7)))).toBe(digestOf(carried.chunks));
      // opened anew now and then, and beyond what is kept of the past
      while ((first.state.latest?.height ?? 0) < 21) {
        const seed = random.u32();
        const expected = await block(first, writesOf(first.state, createRandom(seed), SMALL));
        expect(toHex(await block(second, writesOf(second.state, createRandom(seed), SMALL)))).toBe(toHex(expected));
        if (random.chance(0.7)) continue;
        await second.close();
        second = await openState(dir, 7, 5);
      }
      // and what it gives to others is the same
      const [given, due] = [await carry(second.snapshots), await carry(first.snapshots)];
      expect(given.snapshot).toEqual(due.snapshot);
      expect(digestOf(given.chunks)).toBe(digestOf(due.chunks));
      await first.close();
      await second.close();
    });
  }

  it('is taken at every interval, and the two newest are kept, also by who is opened anew', async () => {
    const dir = temporaryFolder('snapshot');
    const kept = await openState(dir, 3);
    await grow(kept, 11);
    expect(kept.snapshots.list().map(({ height }) => height)).toEqual([9, 6]);
    const before = [...kept.snapshots.list()];
    await kept.close();
    expect(readdirSync(join(dir, 'snapshots')).toSorted()).toEqual(['6', '9']);
    const again = await openState(dir, 3);
    expect(again.snapshots.list()).toEqual(before);
    expect(await again.snapshots.load({ height: 3, format: 1, chunk: 0 })).toHaveLength(0);
    expect(await again.snapshots.load({ height: 9, format: 2, chunk: 0 })).toHaveLength(0);
    expect(await again.snapshots.load({ height: 9, format: 1, chunk: 1 })).toHaveLength(0);
    expect((await again.snapshots.load({ height: 9, format: 1, chunk: 0 })).length).toBeGreaterThan(100);
    await again.close();
  });

  it('that is not whole, not readable, or later than the state, goes when the node starts', async () => {
    const dir = temporaryFolder('snapshot');
    const kept = await openState(dir, 3);
    await grow(kept, 6);
    await kept.close();
    const folder = join(dir, 'snapshots');
    writeFileSync(join(folder, '3', 'snapshot'), 'damaged');
    const later = await openState(dir, 3);
    expect(later.snapshots.list().map(({ height }) => height)).toEqual([6]);
    await later.close();
    // another state in its place, which has not come so far
    rmSync(join(dir, 'state'), { recursive: true });
    const other = await openState(dir, 3);
    expect(other.snapshots.list()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    await grow(other, 6, createRandom(2));
    expect(other.snapshots.list().map(({ height }) => height)).toEqual([6, 3]);
    await other.close();
  });

  it('whose file changed on the disk gives nobody that chunk', async () => {
    const dir = temporaryFolder('snapshot');
    const kept = await openState(dir, 3);
    await grow(kept, 3);
    writeFileSync(join(dir, 'snapshots', '3', '0'), 'damaged');
    expect(await kept.snapshots.load({ height: 3, format: 1, chunk: 0 })).toHaveLength(0);
    rmSync(join(dir, 'snapshots', '3', '0'));
    expect(await kept.snapshots.load({ height: 3, format: 1, chunk: 0 })).toHaveLength(0);
    await kept.close();
  });

  it('is taken while blocks go on, and is of the height that it began at', async () => {
    const kept = await openState(undefined, 4);
    const random = createRandom(3);
    await grow(kept, 3, random, LARGE);
    const prepared = kept.state.prepare(4, writesOf(kept.state, random, LARGE));
    await kept.state.commit(prepared);
    kept.snapshots.committed(4, genesis);
    await kept.state.commit(kept.state.prepare(5, writesOf(kept.state, random, LARGE)));
    await kept.state.commit(kept.state.prepare(6, writesOf(kept.state, random, LARGE)));
    await kept.snapshots.settled();
    const empty = await openState();
    expect(await restore(empty.snapshots, await carry(kept.snapshots), prepared.appHash)).toBe('accept');
    await empty.close();
    await kept.close();
  });

  it('that is being taken is given up when the node closes', async () => {
    const dir = temporaryFolder('snapshot');
    const kept = await openState(dir, 2);
    await grow(kept, 1, createRandom(4), LARGE);
    await kept.state.commit(kept.state.prepare(2, writesOf(kept.state, createRandom(5), LARGE)));
    kept.snapshots.committed(2, genesis);
    await kept.close();
    expect(readdirSync(join(dir, 'snapshots'))).toEqual([]);
  });
});
