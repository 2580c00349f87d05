/** Run as a process of its own, on a file system of a few MiB: fills it, and says in JSON what the store makes of that. */
import { rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ChainView } from '@perigee/light-core/da';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { fillDisk } from '../../../../tests/kit/small-disk.ts';
import { Reservations } from '../../src/node/reservations.ts';
import { Retention } from '../../src/node/retention.ts';
import { RowStore } from '../../src/store/row-store.ts';
import { Ledger } from '../ledger.ts';
import { headerOf, proofOf, proofsOf, rlcOf } from '../rows.ts';

const [, , dir] = process.argv;

if (dir !== undefined) {
  const faults: string[] = [];
  const open = (): Promise<RowStore> =>
    RowStore.open({ dir: join(dir, 'store'), budgetBytes: 2 ** 40, onFault: ({ message }) => faults.push(message) });
  let store = await open();
  const sealed = new Set<number>();
  const fill = async (blob: number): Promise<void> => {
    const header = headerOf(blob);
    const holding = await store.prepare(header, rlcOf(blob), 1_000);
    await holding.write(proofsOf(blob, [...holding.missing]));
    await holding.seal(1_000);
    sealed.add(blob);
  };
  /** Whether every row of every sealed blob is read. */
  const served = async (): Promise<boolean> => {
    for (const blob of sealed) {
      const reader = await store.reader(headerOf(blob).blobId);
      for (const index of headerOf(blob).indices) {
        const row = await reader?.read(index);
        if (typeof row !== 'object' || Buffer.compare(row.row, proofOf(blob, index).row) !== 0) return false;
      }
      await reader?.close();
    }
    return true;
  };

  let blob = 0;
  let whenFull = 'none';
  while (whenFull === 'none') whenFull = await codeOfPromise(fill(++blob));
  const servedWhenFull = await served();
  const again = await codeOfPromise(fill(blob));

  // nothing at all is free: the index cannot be written either, and letting go must work all the same
  fillDisk(join(dir, 'ballast'));
  const withoutABlock = await codeOfPromise(store.keep(headerOf(1).blobId, 2_000));
  const drop = await codeOfPromise(store.drop(headerOf(2), 1_001));
  sealed.delete(2);
  const servedWithoutABlock = await served();
  rmSync(join(dir, 'ballast'));

  const keep = await codeOfPromise(store.keep(headerOf(1).blobId, 2_000));
  for (const old of [3, 4]) {
    await store.drop(headerOf(old), 1_001);
    sealed.delete(old);
  }
  const afterwards = await codeOfPromise(fill(blob));
  const servedAfterwards = await served();
  await store.close();
  store = await open();
  const servedAfterRestart = await served();
  const blobs = sealed.size;
  // without a block again: one blob is to be kept longer, which the index has no room to say; those whose time is over go all the same, and make it
  fillDisk(join(dir, 'ballast'));
  const ledger = new Ledger([1n]);
  const [first = headerOf(1)] = store.expiredAt(2_001); // it is looked at first
  const { blobId, committeeHash } = first;
  const { k, n, rowSize, rowRoot } = headerOf(1);
  const geometry = { blobId, committeeHash, k, n, rowSize, rowRoot, length: 8_000 };
  const policy = { namespace: Uint8Array.of(1), quorum: 0, persist: false, publisher: new Uint8Array(20) };
  const terms = { epoch: 0, promiseId: new Uint8Array(32), expiryHeight: 3_000, signers: Uint8Array.of(1), height: 6 };
  ledger.record({ ...geometry, ...policy, ...terms });
  const told: string[] = [];
  const parts = { chain: new ChainView(ledger), store, reservations: new Reservations() };
  const retention = new Retention({ ...parts, onFault: ({ code }) => told.push(code) });
  ledger.onHead((head) => retention.onHead(head));
  const before = store.usedBytes;
  ledger.advance(2_001);
  await retention.idle();
  const round = { told, left: store.usedBytes / (before / blobs) };
  await store.close();
  const result = { blobs, whenFull, servedWhenFull, again, withoutABlock, drop, servedWithoutABlock, keep, afterwards };
  writeSync(1, `READY ${JSON.stringify({ ...result, servedAfterwards, servedAfterRestart, faults, ...round })}\n`);
}
