/** Run as a process of its own: keeps things in the store of a light node until it is killed, and says on standard output what is kept. */
import { writeSync } from 'node:fs';
import { MIN_STORE_BYTES, utf8 } from '@perigee/wire';
import { openBackend } from '#store';
import { KeptStore } from '../../src/store/kept-store.ts';
import { contentOf } from '../store/crash-content.ts';
import { evidenceOf, verdict } from '../store/samples.ts';

const [, , directory, first] = process.argv;
if (directory !== undefined && first !== undefined) {
  const open = () => openBackend({ genesisHash: '11'.repeat(32), directory });
  const store = new KeptStore({ open, budgetBytes: MIN_STORE_BYTES, onChange: () => {} });
  const say = (kept: boolean, what: string): void => {
    if (!kept) throw new Error(`${what} was not kept: ${store.view.error?.message}`);
    writeSync(1, `${what}\n`);
  };
  for (let number = Number(first); ; number++) {
    const { blobId, rows, evidence } = contentOf(number);
    say(await store.keepHeader({ height: number, answer: utf8(`header ${number}`) }), `header ${number}`);
    say(await store.keepRows(blobId, rows), `rows ${number}`);
    say(await store.keepVerdict(verdict(blobId, number)), `verdict ${number}`);
    if (number % 4 === 0) say(await store.keepEvidence(evidenceOf(`e-${number}`), evidence), `evidence ${number}`);
  }
}
