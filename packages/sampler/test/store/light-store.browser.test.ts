import { MIN_STORE_BYTES, utf8 } from '@perigee/wire';
import { expect, it, onTestFinished } from 'vitest';
import { openBackend } from '#store';
import { KeptStore } from '../../src/store/kept-store.ts';
import { evidenceOf } from './samples.ts';
import { evidencesOf, storeSuite } from './store-suite.ts';

function randomHash(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

storeSuite(async () => {
  const genesisHash = randomHash();
  return () => openBackend({ genesisHash });
});

it('is written by one tab; another reads, and writes when the first is closed', async () => {
  const genesisHash = randomHash();
  const open = (onChange = () => {}) => {
    const store = new KeptStore({ open: () => openBackend({ genesisHash }), budgetBytes: MIN_STORE_BYTES, onChange });
    onTestFinished(() => store.close());
    return store;
  };
  const first = open();
  expect(await first.keepEvidence(evidenceOf('e'), utf8('first'))).toBe(true);
  let changed = (): void => {};
  const second = open(() => changed());
  expect(await second.evidence('e')).toEqual(utf8('first'));
  expect(await second.keepEvidence(evidenceOf('f'), utf8('second'))).toBe(false);
  expect(second.view.error?.code).toBe('STORE_LOCKED');
  expect(await first.keepEvidence(evidenceOf('g'), utf8('first again'))).toBe(true);
  const freed = new Promise<void>((resolve) => {
    changed = () => {
      if (second.view.error === undefined) resolve();
    };
  });
  // but values are made out of what is there by either, whoever is faster
  const counted = (value: Uint8Array | undefined) => Uint8Array.of(...(value ?? []), value?.length ?? 0);
  const kept = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? first : second).changeValue('n', counted)));
  expect(kept).toEqual(Array(20).fill(true));
  for (const store of [first, second]) expect(await store.value('n')).toEqual(Uint8Array.from({ length: 20 }, (_, i) => i));
  await first.close();
  await freed;
  expect(await second.keepEvidence(evidenceOf('f'), utf8('second'))).toBe(true);
  expect((await evidencesOf(second)).map(({ id }) => id).sort()).toEqual(['e', 'f', 'g']);
});
