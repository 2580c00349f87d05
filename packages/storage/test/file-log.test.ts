import { readdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { holdsSegment, type Shard } from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES, type SegmentAnswer } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { watchFlushes } from '../../../tests/kit/flushes.ts';
import { layoutOf, placeOf, totalBytes } from '../src/log/segment-file-format.ts';
import { briefly, FileLedger, sampleOf, segmentOf, segmentsOf } from './files.ts';
import { ALL, FOUR, fill, flip, headerOf, LogFolder, SIZES } from './log-folder.ts';

const here = new LogFolder();
const { openLog, closeAll, reopen, pathOf } = here;

describe('segments', () => {
  it('are flushed before they count as written, and the name of their file with the first of them', async () => {
    const log = await openLog();
    const file = here.ledger.submit(FOUR);
    await log.add(file);
    const flushed = await watchFlushes(here.dir);
    await log.write(file.txSeq, [segmentOf(FOUR, 0)]);
    expect(flushed).toEqual(['file', 'folder']);
    await log.write(file.txSeq, [segmentOf(FOUR, 1)]);
    expect(flushed).toEqual(['file', 'folder', 'file']);
  });

  it('are read back with their proofs, also after a restart, and count as finalized when all are there', async () => {
    let log = await openLog();
    const files = SIZES.map((size) => ({ sample: sampleOf(size), file: here.ledger.submit(sampleOf(size)) }));
    for (const { sample, file } of files) await fill(log, sample, file);
    for (const when of ['at once', 'after a restart']) {
      for (const { sample, file } of files) {
        expect(log.status(file), when).toEqual({ finalized: true, missing: 0 });
        for (const segment of segmentsOf(sample))
          expect(briefly(await log.read(file.txSeq, segment.index))).toEqual(briefly(segment));
        expect(await log.read(file.txSeq, sample.tree.geometry.segments)).toBe('notHeld');
      }
      expect(log.usedBytes).toBe(files.reduce((sum, { file }) => sum + totalBytes(layoutOf(headerOf(file))), 0));
      log = await reopen();
    }
    expect(await log.read(99, 0)).toBe('notHeld');
    expect(here.faults).toEqual([]);
  });

  it('that are missing keep a file from being finalized, in whatever order they come', async () => {
    let log = await openLog();
    const file = here.ledger.submit(FOUR);
    await log.add(file);
    expect(log.status(file)).toEqual({ finalized: false, missing: 4 });
    for (const [i, index] of [3, 1, 0].entries()) {
      await log.write(file.txSeq, [segmentOf(FOUR, index), segmentOf(FOUR, index)]);
      expect(log.status(file)).toEqual({ finalized: false, missing: 3 - i });
      log = await reopen();
      expect(log.status(file)).toEqual({ finalized: false, missing: 3 - i });
      expect(await log.read(file.txSeq, 2)).toBe('absent');
    }
    expect(log.unfinished(9).map(({ txSeq }) => txSeq)).toEqual([file.txSeq]);
    await log.write(file.txSeq, [segmentOf(FOUR, 2)]);
    expect(log.status(file)).toEqual({ finalized: true, missing: 0 });
    expect(log.unfinished(9)).toEqual([]);
    expect(here.faults).toEqual([]);
  });

  it('of another shard are refused, and two shards hold a file together', async () => {
    here.ledger.submit(sampleOf(600)); // the next one begins at another segment
    here.ledger.submit(sampleOf(FILE_SEGMENT_BYTES));
    const file = here.ledger.submit(FOUR);
    const held = new Map<number, number>();
    const root = here.dir;
    for (const shardId of [0, 1]) {
      here.dir = join(root, `shard-${shardId}`);
      const shard = { shardId, numShard: 2 };
      const log = await openLog(shard);
      await log.add(file);
      for (const segment of segmentsOf(FOUR)) {
        const isOurs = holdsSegment(shard, file.startSector, segment.index);
        expect(log.wants(file, segment.index)).toBe(isOurs);
        expect(await codeOfPromise(log.write(file.txSeq, [segment]))).toBe(isOurs ? 'none' : 'REFUSED');
        expect(briefly(await log.read(file.txSeq, segment.index))).toEqual(briefly(isOurs ? segment : 'notHeld'));
        if (isOurs) held.set(segment.index, shardId);
      }
      expect(log.status(file)).toEqual({ finalized: true, missing: 0 });
    }
    here.dir = root;
    expect([...held.keys()].sort()).toEqual([0, 1, 2, 3]);
    expect(new Set(held.values()).size).toBe(2);
  });

  it('of a file that the shard has nothing of are not waited for', async () => {
    const file = here.ledger.submit(sampleOf(600));
    const log = await openLog({ shardId: 3, numShard: 4 });
    await log.add(file);
    expect(log.status(file)).toEqual({ finalized: true, missing: 0 });
    expect(log.get(file.txSeq)).toBeUndefined();
    expect(await codeOfPromise(log.write(file.txSeq, [segmentOf(sampleOf(600), 0)]))).toBe('NOT_FOUND');
  });

  it('are refused unless they verify by the root and length of the submission, and then nothing of the list is kept', async () => {
    const log = await openLog();
    const file = here.ledger.submit(FOUR);
    await log.add(file);
    const good = segmentOf(FOUR, 0);
    const other = segmentOf(sampleOf(FOUR.data.length, 'other'), 1);
    const one = segmentOf(FOUR, 1);
    const flipped = new Uint8Array(one.data);
    flipped[77] = (flipped[77] ?? 0) ^ 1;
    const bad: [SegmentAnswer, string][] = [
      [{ ...one, index: 2 }, 'FILE_PROOF'],
      [{ ...one, index: 4 }, 'SEGMENT_INDEX'],
      [{ ...one, index: 2 ** 40 }, 'SEGMENT_INDEX'],
      [other, 'FILE_PROOF'],
      [{ ...one, proof: other.proof }, 'FILE_PROOF'],
      [{ ...one, data: flipped }, 'FILE_PROOF'],
      [{ ...one, data: one.data.subarray(256) }, 'SEGMENT_SIZE'],
      [{ ...one, data: new Uint8Array(FILE_SEGMENT_BYTES + 256) }, 'SEGMENT_SIZE'],
      [{ ...one, data: new Uint8Array(0) }, 'SEGMENT_SIZE'],
      [{ ...one, proof: { lemma: [], path: [] } }, 'FILE_PROOF'],
      [{ ...one, proof: { ...one.proof, path: one.proof.path.map((side) => !side) } }, 'FILE_PROOF'],
    ];
    for (const [answer, code] of bad) {
      expect(await codeOfPromise(log.write(file.txSeq, [good, answer]))).toBe(code);
      expect(log.status(file).missing).toBe(4);
    }
    expect(log.usedBytes).toBe(0);
    expect(await readdir(join(here.dir, 'files'))).toEqual([]);
  });

  it('of a number that is another file on the chain are refused: the folder is another chain’s', async () => {
    const log = await openLog();
    await fill(log, FOUR, here.ledger.submit(FOUR));
    const other = new FileLedger().submit(sampleOf(600));
    expect(await codeOfPromise(log.add(other))).toBe('STORE_CORRUPT');
    expect(() => log.status(other)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });
});

describe('like a map', () => {
  const files = SIZES.flatMap((size) => [sampleOf(size), sampleOf(size, 'again')]);
  const shards: Shard[] = [ALL, { shardId: 0, numShard: 2 }, { shardId: 1, numShard: 2 }, { shardId: 2, numShard: 4 }];
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constant('write' as const), fc.nat(files.length - 1), fc.array(fc.nat(3), { maxLength: 4 })),
    },
    { weight: 3, arbitrary: fc.tuple(fc.constant('damage' as const), fc.nat(files.length - 1), fc.constant([0])) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('reopen' as const), fc.constant(0), fc.constant([0])) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('lose the index' as const), fc.constant(0), fc.constant([0])) },
  );

  it('a log holds what was written to it, and what is damaged is absent', async () => {
    const root = here.dir;
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...shards), fc.array(step, { minLength: 5, maxLength: 25 }), async (shard, steps) => {
        here.dir = join(root, `${round++}`);
        const chain = new FileLedger();
        const stored = files.map((sample) => chain.submit(sample));
        let log = await openLog(shard);
        const model = files.map(() => new Set<number>());
        const addAll = async (): Promise<void> => {
          for (const file of stored) await log.add(file);
        };
        await addAll();
        for (const [kind, which, indices] of steps) {
          const [sample, file, held] = [files[which], stored[which], model[which]];
          if (sample === undefined || file === undefined || held === undefined) throw new Error('no such file');
          const layout = layoutOf(headerOf(file, shard));
          if (kind === 'write') {
            const ours = indices.filter(
              (index) => index < sample.tree.geometry.segments && holdsSegment(shard, file.startSector, index),
            );
            if (ours.length === 0) continue;
            await log.write(
              file.txSeq,
              ours.map((index) => segmentOf(sample, index)),
            );
            for (const index of ours) held.add(index);
          } else if (kind === 'damage') {
            const [first] = [...held].sort();
            if (first === undefined) continue;
            await flip(pathOf(file.txSeq), placeOf(layout, (first - layout.first) / shard.numShard).offset + 100);
            expect(await log.read(file.txSeq, first)).toBe('absent');
            held.delete(first);
          } else {
            await closeAll();
            if (kind === 'lose the index') await rm(join(here.dir, 'index'), { recursive: true });
            log = await openLog(shard);
            await addAll();
          }
        }
        let used = 0;
        for (const [i, file] of stored.entries()) {
          const layout = layoutOf(headerOf(file, shard));
          const held = model[i] ?? new Set();
          const missing = layout.slots - held.size;
          expect(log.status(file)).toEqual({ finalized: missing === 0, missing });
          for (const segment of segmentsOf(files[i] ?? FOUR)) {
            const isOurs = holdsSegment(shard, file.startSector, segment.index);
            const due = isOurs ? (held.has(segment.index) ? segment : 'absent') : 'notHeld';
            expect(briefly(await log.read(file.txSeq, segment.index))).toEqual(briefly(due));
            if (due === segment) used += placeOf(layout, (segment.index - layout.first) / shard.numShard).bytes;
          }
        }
        // and the heads of files that were begun
        expect(log.usedBytes - used).toBeGreaterThanOrEqual(0);
        expect(log.usedBytes - used).toBeLessThan(files.length * 256);
        await closeAll();
        await rm(here.dir, { recursive: true });
      }),
      { numRuns: process.env.PERIGEE_LONG === '1' ? 300 : 12 },
    );
    here.dir = root;
  });
});

describe('files that were read', () => {
  const openHere = async (): Promise<number> => {
    const all = await readdir('/proc/self/fd').catch(() => []);
    const paths = await Promise.all(all.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return paths.filter((path) => path.startsWith(join(here.dir, 'files'))).length;
  };

  it.runIf(process.platform === 'linux')('stay open, a few of them, and are closed with the log', async () => {
    const log = await openLog();
    const files = Array.from({ length: 20 }, (_, i) => ({
      sample: sampleOf(600, i),
      file: here.ledger.submit(sampleOf(600, i)),
    }));
    for (const { sample, file } of files) await fill(log, sample, file);
    for (let round = 0; round < 2; round++) {
      const reads = files.flatMap(({ file }) => [log.read(file.txSeq, 0), log.read(file.txSeq, 0)]);
      const read = (await Promise.all(reads)).map((answer) => briefly(answer));
      expect(read).toEqual(files.flatMap(({ sample }) => [segmentOf(sample, 0), segmentOf(sample, 0)].map(briefly)));
      await expect.poll(openHere).toBe(16);
    }
    await closeAll();
    expect(await openHere()).toBe(0);
  });

  it('are noticed when they are gone, or are damaged, after that', async () => {
    const log = await openLog();
    const [gone, damaged] = [sampleOf(600, 'gone'), FOUR].map((sample) => ({ sample, file: here.ledger.submit(sample) }));
    if (gone === undefined || damaged === undefined) throw new Error('no files');
    for (const { sample, file } of [gone, damaged]) {
      await fill(log, sample, file);
      expect(briefly(await log.read(file.txSeq, 0))).toEqual(briefly(segmentOf(sample, 0)));
    }
    await rm(pathOf(gone.file.txSeq));
    await flip(pathOf(damaged.file.txSeq), placeOf(layoutOf(headerOf(damaged.file)), 0).offset);
    for (const { sample, file } of [gone, damaged]) {
      expect(await log.read(file.txSeq, 0)).toBe('absent');
      await log.write(file.txSeq, [segmentOf(sample, 0)]);
      expect(briefly(await log.read(file.txSeq, 0))).toEqual(briefly(segmentOf(sample, 0)));
    }
    expect(here.faults.map(({ code }) => code)).toEqual(['STORE_CORRUPT', 'STORE_CORRUPT']);
  });
});

describe('budget', () => {
  it('is kept to, by what is there and not by what was announced', async () => {
    const [one, two] = [here.ledger.submit(FOUR), here.ledger.submit(sampleOf(FILE_SEGMENT_BYTES, 'two'))];
    const budget = totalBytes(layoutOf(headerOf(one))) + 256; // and the head of another file
    const log = await openLog(ALL, budget);
    await log.add(one);
    await fill(log, sampleOf(FILE_SEGMENT_BYTES, 'two'), two);
    await log.write(one.txSeq, [segmentOf(FOUR, 0), segmentOf(FOUR, 1)]);
    expect(await codeOfPromise(log.write(one.txSeq, [segmentOf(FOUR, 2)]))).toBe('STORE_FULL');
    expect(log.status(one).missing).toBe(2);
    expect(log.usedBytes).toBeLessThanOrEqual(budget);
    expect(briefly(await log.read(one.txSeq, 1))).toEqual(briefly(segmentOf(FOUR, 1)));
    await log.write(one.txSeq, [segmentOf(FOUR, 3)]);
    expect(log.usedBytes).toBeLessThanOrEqual(budget);
  });
});
