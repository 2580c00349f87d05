/**
 * Run as a process of its own, and killed in one of its writes. `take`: makes blocks and takes a snapshot of every second. `restore`: begins from a
 * snapshot that lies, with its app hash, in another folder.
 */
import { readFileSync, writeSync } from 'node:fs';
import { toHex } from '@perigee/wire';
import { createRandom } from '../../../../tests/kit/random.ts';
import { block, type Kept, openState, restore, writesOf } from '../snapshot/states.ts';

const [, , mode, dir = '', last = '', from = ''] = process.argv;

/** The same blocks in every process. */
async function grow(kept: Kept, to: number): Promise<void> {
  for (let height = (kept.state.latest?.height ?? 0) + 1; height <= to; height++) {
    const view = writesOf(kept.state, createRandom(height), { writes: 20, bytes: 60_000 });
    writeSync(1, `${height} ${toHex(await block(kept, view))}\n`);
  }
}

const kept = await openState(dir, mode === 'take' ? 2 : 0);
if (mode === 'take') await grow(kept, Number(last));
else {
  const { snapshot, chunks, appHash } = JSON.parse(readFileSync(from, 'utf8'), (_, value) =>
    typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'hex')) : value,
  );
  if (kept.state.latest === undefined) writeSync(1, `${await restore(kept.snapshots, { snapshot, chunks }, appHash)}\n`);
  await grow(kept, Number(last));
}
await kept.close();
