import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checksum } from '@perigee/disk';
import { FILE_SEGMENT_BYTES, fromHex, type StoredFile, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import vectors from '../../../tests/vectors/file-log.json' with { type: 'json' };
import { describeStore } from '../../disk/test/store-suite.ts';
import { FileIndexEntry, FileIndexState } from '../src/log/file-index.ts';
import { FileLog } from '../src/log/file-log.ts';
import { SegmentFile } from '../src/log/segment-file.ts';
import { layoutOf, placeOf } from '../src/log/segment-file-format.ts';
import { briefly, FileLedger, fileHash, sampleOf, segmentOf, segmentsOf } from './files.ts';
import { ALL, FOUR, fill, flip, headerOf, LogFolder } from './log-folder.ts';

const here = new LogFolder();
const { openLog, closeAll, reopen, pathOf } = here;

describe('damage', () => {
  it('of a segment is never served, ends that the file counts as finalized, is told once, and is mended by an upload', async () => {
    let log = await openLog();
    const file = here.ledger.submit(FOUR);
    await fill(log, FOUR, file);
    const layout = layoutOf(headerOf(file));
    await flip(pathOf(file.txSeq), placeOf(layout, 2).offset + 1_000);
    expect(await log.read(file.txSeq, 2)).toBe('absent');
    expect(await log.read(file.txSeq, 2)).toBe('absent');
    expect(here.faults.map(({ code }) => code)).toEqual(['STORE_CORRUPT']);
    expect(log.status(file)).toEqual({ finalized: false, missing: 1 });
    log = await reopen();
    expect(log.status(file)).toEqual({ finalized: false, missing: 1 });
    await log.write(file.txSeq, [segmentOf(FOUR, 2)]);
    expect(log.status(file)).toEqual({ finalized: true, missing: 0 });
    expect(briefly(await log.read(file.txSeq, 2))).toEqual(briefly(segmentOf(FOUR, 2)));
    expect(here.faults).toHaveLength(1);
  });

  it('of every single byte is noticed', async () => {
    const sample = sampleOf(600);
    const file = here.ledger.submit(sample);
    await fill(await openLog(), sample, file);
    await closeAll();
    const bytes = await readFile(pathOf(file.txSeq));
    const kept = join(here.dir, 'kept');
    await cp(join(here.dir, 'index'), kept, { recursive: true });
    for (let offset = 0; offset < bytes.length; offset += offset < 160 ? 3 : 61) {
      await flip(pathOf(file.txSeq), offset);
      const log = await openLog();
      expect({ offset, read: await log.read(file.txSeq, 0) }).toEqual({ offset, read: 'absent' });
      expect({ offset, ...log.status(file) }).toEqual({ offset, finalized: false, missing: 1 });
      // what a newer program may have written is not written over
      const isVersion = offset >= 13 && offset < 16;
      expect({ offset, code: await codeOfPromise(log.write(file.txSeq, [segmentOf(sample, 0)])) }).toEqual({
        offset,
        code: isVersion ? 'STORE_VERSION' : 'none',
      });
      if (isVersion) await flip(pathOf(file.txSeq), offset);
      else expect(await log.read(file.txSeq, 0)).toEqual(segmentOf(sample, 0));
      await closeAll();
      expect(toHex(await readFile(pathOf(file.txSeq)))).toBe(toHex(bytes));
      await rm(join(here.dir, 'index'), { recursive: true });
      await cp(kept, join(here.dir, 'index'), { recursive: true });
    }
  });

  it('by truncation or loss of a file is seen at the start, before anything is asked for', async () => {
    const files = [FOUR, sampleOf(FOUR.data.length, 'other')].map((sample) => here.ledger.submit(sample));
    const [cut, gone] = files;
    if (cut === undefined || gone === undefined) throw new Error('no files');
    let log = await openLog();
    await fill(log, FOUR, cut);
    await fill(log, sampleOf(FOUR.data.length, 'other'), gone);
    await closeAll();
    await truncate(pathOf(cut.txSeq), placeOf(layoutOf(headerOf(cut)), 2).offset + 10);
    await rm(pathOf(gone.txSeq));
    log = await openLog();
    expect(here.faults).toHaveLength(2);
    expect(log.status(cut)).toEqual({ finalized: false, missing: 2 });
    expect(log.status(gone)).toEqual({ finalized: false, missing: 4 });
    expect(briefly(await log.read(cut.txSeq, 1))).toEqual(briefly(segmentOf(FOUR, 1)));
    expect(await log.read(cut.txSeq, 2)).toBe('absent');
    await fill(log, FOUR, cut);
    expect(log.status(cut).finalized).toBe(true);
  });

  it('of a slot that is another file’s is noticed', async () => {
    const [one, two] = [sampleOf(FILE_SEGMENT_BYTES), sampleOf(FILE_SEGMENT_BYTES, 'other')];
    const files = [here.ledger.submit(one), here.ledger.submit(two)];
    let log = await openLog();
    await fill(log, one, files[0] as StoredFile);
    await fill(log, two, files[1] as StoredFile);
    await closeAll();
    const head = layoutOf(headerOf(files[0] as StoredFile)).head.length;
    const bytes = [await readFile(pathOf(0)), await readFile(pathOf(1))];
    await writeFile(pathOf(0), Buffer.concat([bytes[0]?.subarray(0, head) ?? '', bytes[1]?.subarray(head) ?? ''] as Buffer[]));
    log = await openLog();
    expect(await log.read(0, 0)).toBe('absent');
    expect(log.status(files[0] as StoredFile).finalized).toBe(false);
    expect(briefly(await log.read(1, 0))).toEqual(briefly(segmentOf(two, 0)));
  });

  it('a name that tells another number, and a file of another shard, are not taken in when the index was lost', async () => {
    const file = here.ledger.submit(sampleOf(600));
    await fill(await openLog(), sampleOf(600), file);
    await closeAll();
    await rm(join(here.dir, 'index'), { recursive: true });
    await cp(pathOf(file.txSeq), pathOf(7));
    let log = await openLog();
    expect(log.get(7)).toBeUndefined();
    expect(log.status(file).finalized).toBe(true);
    expect(here.faults).toHaveLength(2);
    await closeAll();
    await rm(join(here.dir, 'index'), { recursive: true });
    log = await openLog({ shardId: 0, numShard: 2 });
    expect(log.get(file.txSeq)).toBeUndefined();
    await fill(log, sampleOf(600), file);
    expect(log.status(file).finalized).toBe(true);
  });
});

describe('versions', () => {
  it('refuses a file that a newer program wrote, and a log of another shard', async () => {
    const file = here.ledger.submit(FOUR);
    await fill(await openLog(), FOUR, file);
    await closeAll();
    expect(await codeOfPromise(openLog({ shardId: 1, numShard: 2 }))).toBe('INVALID_ARGUMENT');
    expect(await codeOfPromise(openLog({ shardId: 2, numShard: 2 }))).toBe('INVALID_ARGUMENT');
    const bytes = await readFile(pathOf(file.txSeq));
    await writeFile(pathOf(file.txSeq), Buffer.concat([Buffer.from('perigee-segs 02\n'), bytes.subarray(16)]));
    await rm(join(here.dir, 'index'), { recursive: true });
    expect(await codeOfPromise(openLog())).toBe('STORE_VERSION');
  });

  it('reads and writes the bytes of the stored fixture', async () => {
    const sample = sampleOf(600);
    const header = { txSeq: 42, root: sample.tree.root, length: 600, startSector: 2_049, shardId: 0, numShard: 2 };
    const layout = layoutOf(header);
    const written = await SegmentFile.create(join(here.dir, 'written'), layout);
    await written.write([segmentOf(sample, 0)]);
    await written.close();
    const long = layoutOf({ ...header, root: FOUR.tree.root, length: FOUR.data.length, shardId: 1 });
    const other = await SegmentFile.create(join(here.dir, 'other'), long);
    await other.write([segmentOf(FOUR, 1), segmentOf(FOUR, 3)]);
    await other.close();
    const entry = { txSeq: 42, root: sample.tree.root, length: 600, startSector: 2_049, finalized: true };
    const now = {
      version: 1,
      file: toHex(await readFile(join(here.dir, 'written'))),
      twoOfFour: toHex(checksum('', await readFile(join(here.dir, 'other')))),
      indexEntry: toHex(FileIndexEntry.encode(entry)),
      indexState: toHex(FileIndexState.encode({ shardId: 1, numShard: 2, nextTxSeq: 43 })),
    };
    if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
      await writeFile(new URL('../../../tests/vectors/file-log.json', import.meta.url), `${JSON.stringify(now, null, 2)}\n`);
    }
    expect(now).toEqual(vectors);
    await writeFile(join(here.dir, 'stored'), fromHex(vectors.file));
    const stored = await SegmentFile.open(join(here.dir, 'stored'), layout, 'r');
    expect(briefly(await stored.read(0))).toEqual(briefly(segmentOf(sample, 0)));
    await stored.close();
  });
});

describeStore(async (folder, onFault) => {
  const log = await FileLog.open({ dir: folder, shard: ALL, budgetBytes: 2 ** 30, hash: fileHash, onFault });
  const file = new FileLedger().submit(FOUR);
  return {
    fill: () => fill(log, FOUR, file),
    async read() {
      const segments: unknown[] = [];
      for (const { index } of segmentsOf(FOUR)) segments.push(briefly(await log.read(file.txSeq, index)));
      return [log.status(file), ...segments];
    },
    close: () => log.close(),
  };
});
