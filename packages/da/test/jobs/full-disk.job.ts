/** Run as a process of its own, on a file system of a few MiB: fills it, and says in JSON what the store makes of that. */
import { rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { fillDisk } from '../../../../tests/kit/small-disk.ts';
import { RowStore } from '../../src/store/row-store.ts';
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
  await store.close();
  const blobs = sealed.size;
  const result = { blobs, whenFull, servedWhenFull, again, withoutABlock, drop, servedWithoutABlock, keep, afterwards };
  writeSync(1, `READY ${JSON.stringify({ ...result, servedAfterwards, servedAfterRestart, faults })}\n`);
}
