/** Run as a process of its own, on a file system of a few MiB: fills it, and says in JSON what the log makes of that. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { nobleFileHash } from '@perigee/light-core/storage';
import type { StoredFile } from '@perigee/wire';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { fillDisk } from '../../../../tests/kit/small-disk.ts';
import { FileLog } from '../../src/log/file-log.ts';
import { FileLedger, sampleOf, segmentsOf } from '../files.ts';

const [, , dir] = process.argv;
const LENGTH = 100_000;

if (dir !== undefined) {
  const faults: string[] = [];
  const ledger = new FileLedger();
  const shard = { shardId: 0, numShard: 1 };
  const open = (): Promise<FileLog> =>
    FileLog.open({
      dir: join(dir, 'log'),
      shard,
      budgetBytes: 2 ** 40,
      hash: nobleFileHash,
      onFault: ({ message }) => faults.push(message),
    });
  let log = await open();
  const files: StoredFile[] = [];
  const fill = async (file: StoredFile): Promise<void> => {
    await log.add(file);
    await log.write(file.txSeq, segmentsOf(sampleOf(LENGTH, file.txSeq)));
  };
  const submit = (): StoredFile => ledger.submit(sampleOf(LENGTH, files.length));
  /** Whether every file that was acknowledged is finalized and read. */
  const served = async (): Promise<boolean> => {
    for (const file of files) {
      const answer = await log.read(file.txSeq, 0);
      const [due] = segmentsOf(sampleOf(LENGTH, file.txSeq));
      if (!log.status(file).finalized || typeof answer !== 'object' || due === undefined) return false;
      if (Buffer.compare(answer.data, due.data) !== 0) return false;
    }
    return true;
  };

  // ballast that makes room later
  const ballast = openSync(join(dir, 'ballast'), 'w');
  writeSync(ballast, new Uint8Array(400_000));
  closeSync(ballast);
  let file = submit();
  let whenFull = await codeOfPromise(fill(file));
  for (; whenFull === 'none'; whenFull = await codeOfPromise(fill(file))) {
    files.push(file);
    file = submit();
  }
  const servedWhenFull = await served();
  const finalizedWhenFull = log.status(file).finalized;
  const again = await codeOfPromise(fill(file));

  // nothing at all is free: the index cannot be written either
  fillDisk(join(dir, 'more'));
  let next = 0;
  let withoutABlock = 'none';
  // the last block of the index has some room
  while (withoutABlock === 'none' && next < 1_000) withoutABlock = await codeOfPromise(log.advance(++next));
  const servedWithoutABlock = await served();
  rmSync(join(dir, 'more'));
  rmSync(join(dir, 'ballast'));

  const afterwards = await codeOfPromise(fill(file));
  files.push(file);
  const advance = await codeOfPromise(log.advance(next));
  const servedAfterwards = await served();
  await log.close();
  log = await open();
  const servedAfterRestart = await served();
  const { nextTxSeq } = log;
  await log.close();
  const result = { files: files.length, whenFull, servedWhenFull, finalizedWhenFull, again, withoutABlock, servedWithoutABlock };
  const after = { afterwards, advance, servedAfterwards, servedAfterRestart, nextIsNext: nextTxSeq === next };
  writeSync(1, `READY ${JSON.stringify({ ...result, ...after, faults })}\n`);
}
