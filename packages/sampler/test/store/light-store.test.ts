import { randomBytes } from 'node:crypto';
import { readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MIN_STORE_BYTES, toHex, utf8 } from '@perigee/wire';
import { expect, it, onTestFinished } from 'vitest';
import { openBackend } from '#store';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { KeptStore } from '../../src/store/kept-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { evidenceOf } from './samples.ts';
import { evidencesOf, storeSuite } from './store-suite.ts';

storeSuite(async () => {
  const directory = temporaryFolder();
  const genesisHash = toHex(randomBytes(32));
  return () => openBackend({ genesisHash, directory });
});

it('is of one process and one node at a time, and apart for each chain', async () => {
  const directory = temporaryFolder();
  const open = (genesisHash: string) => {
    const store = new KeptStore({
      open: () => openBackend({ genesisHash, directory }),
      budgetBytes: MIN_STORE_BYTES,
      onChange: () => {},
    });
    onTestFinished(() => store.close());
    return store;
  };
  const first = open('aa'.repeat(32));
  expect(await first.keepEvidence(evidenceOf('e'), utf8('x'))).toBe(true);
  const second = open('aa'.repeat(32));
  expect(await second.keepEvidence(evidenceOf('f'), utf8('y'))).toBe(false);
  expect(second.view.error?.code).toBe('STORE_LOCKED');
  const other = open('bb'.repeat(32));
  expect(await evidencesOf(other)).toEqual([]);
  expect(await evidencesOf(first)).toEqual([evidenceOf('e')]);
});

it('with a damaged database goes on with what can be read', async () => {
  const directory = temporaryFolder();
  const genesisHash = 'cc'.repeat(32);
  const open = () => {
    const store = new KeptStore({
      open: () => openBackend({ genesisHash, directory }),
      budgetBytes: MIN_STORE_BYTES,
      onChange: () => {},
    });
    return store;
  };
  const first = open();
  await first.keepHeader({ height: 1, answer: utf8('x') });
  await first.keepEvidence(evidenceOf('e'), utf8('evidence'));
  await first.close();
  const values = join(directory, genesisHash, 'values');
  for (const name of await readdir(values)) {
    if (name.startsWith('MANIFEST')) await truncate(join(values, name), 3);
    if (name === 'CURRENT') await writeFile(join(values, name), 'nonsense');
  }
  const next = open();
  expect(await next.evidence('e')).toEqual(utf8('evidence'));
  expect(await next.keepHeader({ height: 2, answer: utf8('y') })).toBe(true);
  expect(next.view.error).toBeUndefined();
  await next.close();
});

it('is refused without a place or with a budget that is too small, and a node without a store keeps nothing', async () => {
  const genesisHash = Promise.resolve('dd'.repeat(32));
  const onChange = () => {};
  expect(() => openStore({ store: { budgetBytes: 1 }, genesisHash, onChange })).toThrow(/too small/);
  const nowhere = openStore({ store: {}, genesisHash, onChange });
  expect(await nowhere.keepHeader({ height: 1, answer: utf8('x') })).toBe(false);
  expect(nowhere.view?.error?.code).toBe('INVALID_ARGUMENT');
  const none = openStore({ store: undefined, genesisHash, onChange });
  expect(none.view).toBeUndefined();
  expect(await none.keepEvidence(evidenceOf('e'), utf8('x'))).toBe(false);
  await expect(none.evidence('e')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
