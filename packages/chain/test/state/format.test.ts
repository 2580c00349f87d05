import { readFileSync, writeFileSync } from 'node:fs';
import { verifyStateProof } from '@perigee/light-core/state';
import { fromHex, toHex, u32be, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { Database } from '../../src/db/index.ts';
import { AuthenticatedState, StateView } from '../../src/state/index.ts';

const FIXTURE = new URL('../../../../tests/vectors/state-store.json', import.meta.url);
const ALL = { from: utf8('a'), to: utf8('z') };
const FORMAT = { kind: 'state', version: 2 };
const BLOCKS = 6;

/** Some blocks of writes to many keys of two stores, the first heights pruned. */
async function write(dir: string): Promise<void> {
  const state = await AuthenticatedState.open(dir, ['account', 'da'], { window: 3 });
  for (let height = 1; height <= BLOCKS; height++) {
    const view = new StateView(state);
    for (let i = 0; i < 40; i++)
      view.set(i % 4 === 0 ? 'da' : 'account', u32be((height * 31 + i * 7) % 100), utf8(`${height}.${i}`));
    await state.commit(state.prepare(height, view), { note: utf8('kept beside') });
  }
  await state.close();
}

async function entriesOf(dir: string): Promise<Record<string, string>> {
  const db = await Database.open(dir, FORMAT);
  const entries: Record<string, string> = {};
  for await (const key of db.keys(ALL)) entries[toHex(key)] = toHex(db.get(key) ?? new Uint8Array(0));
  await db.close();
  return entries;
}

describe('the state in format 2', () => {
  it('is written as it was when the format was fixed, and read', async () => {
    const dir = temporaryFolder('format');
    await write(dir);
    const entries = await entriesOf(dir);
    if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
      const source =
        'written by this project when format 2 of the state was fixed: every entry, in hexadecimal, without checksums';
      writeFileSync(FIXTURE, `${JSON.stringify({ source, entries }, undefined, 2)}\n`);
    }
    const stored: Record<string, string> = JSON.parse(readFileSync(FIXTURE, 'utf8')).entries;
    expect(entries).toEqual(stored);
    const other = temporaryFolder('format');
    const db = await Database.open(other, FORMAT);
    await db.write(Object.entries(stored).map(([key, value]) => ({ key: fromHex(key), value: fromHex(value) })));
    await db.close();
    const state = await AuthenticatedState.open(other, ['account', 'da'], { window: 3 });
    expect([state.earliest, state.latest?.height]).toEqual([BLOCKS - 2, BLOCKS]);
    expect(state.meta('note')).toEqual(utf8('kept beside'));
    const appHash = state.latest?.appHash ?? new Uint8Array(0);
    const key = u32be((BLOCKS * 31 + 7) % 100);
    expect(verifyStateProof(state.prove('account', key), { appHash, store: 'account', key })).toEqual(utf8(`${BLOCKS}.1`));
    await state.close();
  });
});
