import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fromHex, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../tests/kit/index.ts';
import { block, carry, openState, restore, writesOf } from './states.ts';

const FILE = new URL('../../../../tests/vectors/snapshot.json', import.meta.url);
const HEIGHT = 3;

interface Stored {
  readonly version: number;
  readonly appHash: string;
  readonly metadata: string;
  readonly chunks: readonly string[];
}

/** The snapshot of a small fixed state. */
async function fixed(): Promise<Stored> {
  const kept = await openState(undefined, HEIGHT);
  const random = createRandom(1);
  let appHash: Uint8Array = new Uint8Array(0);
  for (let height = 1; height <= HEIGHT; height++)
    appHash = await block(kept, writesOf(kept.state, random, { writes: 6, bytes: 12 }));
  const { snapshot, chunks } = await carry(kept.snapshots);
  await kept.close();
  return { version: snapshot.format, appHash: toHex(appHash), metadata: toHex(snapshot.metadata), chunks: chunks.map(toHex) };
}

/** Set when a format is added: what is stored of another never changes, because nodes of other versions carry it. */
if (process.env.PERIGEE_WRITE_FIXTURES === '1') writeFileSync(FILE, `${JSON.stringify(await fixed(), null, 2)}\n`);

const stored: Stored = JSON.parse(readFileSync(FILE, 'utf8'));

describe('the stored snapshot', () => {
  it('is what a node of today takes of that state', async () => {
    expect(await fixed()).toEqual(stored);
  });

  it('is restored by a node of today', async () => {
    const metadata = fromHex(stored.metadata);
    const hash = Uint8Array.from(createHash('sha256').update(metadata).digest());
    const chunks = stored.chunks.map((chunk) => fromHex(chunk));
    const snapshot = { height: HEIGHT, format: stored.version, chunks: chunks.length, hash, metadata };
    const kept = await openState();
    expect(await restore(kept.snapshots, { snapshot, chunks }, fromHex(stored.appHash))).toBe('accept');
    expect(toHex(kept.state.latest?.appHash ?? new Uint8Array(0))).toBe(stored.appHash);
    await kept.close();
  });
});
