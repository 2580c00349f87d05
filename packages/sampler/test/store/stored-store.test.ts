import { writeFileSync } from 'node:fs';
import { MIN_STORE_BYTES, type RowProof, toHex, utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { openBackend } from '#store';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import stored from '../../../../tests/vectors/light-store.json' with { type: 'json' };
import { KeptStore } from '../../src/store/kept-store.ts';
import { BLOB, evidenceOf, verdict } from './samples.ts';

/** PERIGEE_WRITE_FIXTURES=1 stores what this program writes; a change of the format is a new version, and a new file beside this one. */
it('a store is written as it was stored', async () => {
  const directory = temporaryFolder();
  const open = () => openBackend({ genesisHash: '00'.repeat(32), directory });
  const store = new KeptStore({ open, budgetBytes: MIN_STORE_BYTES, onChange: () => {} });
  const row = (index: number): RowProof => ({
    index,
    row: new Uint8Array(64).fill(index),
    path: new Uint8Array(64).fill(index + 1),
  });
  const answer = utf8('what a peer answered');
  await store.keepHeader({ height: 1_000, answer });
  await store.keepVerdict(verdict(BLOB, 1_700_000_000_000));
  await store.keepRows(BLOB, [row(7), row(3)]);
  await store.keepEvidence(evidenceOf('row-7'), utf8('evidence'));
  await store.close();
  const backend = await open();
  const hex = (bytes: Uint8Array | undefined) => toHex(bytes ?? new Uint8Array(0));
  const values = Object.fromEntries((await backend.entries()).map(([key, value]) => [key, hex(value)]));
  const names = (await backend.files()).map(({ name }) => name).sort();
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, hex(await backend.readFile(name))] as const)),
  );
  await backend.close();
  const made = {
    source: 'packages/sampler/test/store/stored-store.test.ts, written by this project',
    values,
    files,
    expected: {
      answer: toHex(answer),
      verdicts: [{ blobId: BLOB, outcome: 'available' }],
      rows: [7, 3],
      evidence: [evidenceOf('row-7')],
    },
  };
  if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
    writeFileSync(new URL('../../../../tests/vectors/light-store.json', import.meta.url), `${JSON.stringify(made, null, 2)}\n`);
  } else {
    expect(made).toEqual(stored);
  }
});
